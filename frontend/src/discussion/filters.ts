import { t } from "../shared/i18n";
import type { Line } from "./types";

export type Filter = "open" | "mine" | "naming" | "resolved" | "orphaned" | "all";

export const filterNames = (): [Filter, string][] => [
  ["open", t("没处理")],
  ["mine", t("我参加的")],
  ["naming", t("提到我的")],
  ["resolved", t("处理好了")],
  ["orphaned", t("原文已删")],
  ["all", t("全部")],
];

/** A thread about text or a block that stands in the plan no more. */
export function isOrphaned(line: Line, places: ReadonlyMap<string, unknown>): boolean {
  return line.place !== "plan" && !places.has(line.id);
}

function passes(line: Line, filter: Filter, orphaned: boolean): boolean {
  switch (filter) {
    case "open":
      return line.state === "open" && !orphaned;
    case "mine":
      return line.mine;
    case "naming":
      return line.names_me;
    case "resolved":
      return line.state === "resolved";
    case "orphaned":
      return orphaned && line.state === "open";
    case "all":
      return true;
  }
}

/**
 * What a filter leaves, in the order of reading: about the whole plan, then as the text goes, then what has lost its
 * text. `places` holds the threads that stand in the text, in its order. The one that is being read stays whatever
 * becomes of it.
 */
export function chosenLines(
  lines: readonly Line[],
  filter: Filter,
  places: ReadonlyMap<string, unknown>,
  active = "",
): Line[] {
  const order = new Map([...places.keys()].map((id, index) => [id, index]));
  const rank = (line: Line) => (line.place === "plan" ? -1 : (order.get(line.id) ?? Infinity));
  return lines
    .filter((line) => line.id === active || passes(line, filter, isOrphaned(line, places)))
    .sort((one, other) => compare(rank(one), rank(other)) || one.number - other.number);
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
