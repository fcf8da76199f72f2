import { describe, expect, it } from "vitest";

import { chosenLines, isOrphaned } from "../../src/discussion/filters";
import { stack } from "../../src/discussion/layout";
import type { Line } from "../../src/discussion/types";
import { words } from "../../src/discussion/words";

const line = (id: string, number: number, more: Partial<Line> = {}): Line => ({
  id,
  number,
  kind: "comment",
  state: "open",
  place: "text",
  block: "",
  mine: false,
  names_me: false,
  ...more,
});
const ids = (lines: readonly Line[]): string => lines.map(({ id }) => id).join(" ");

describe("which threads are shown", () => {
  const lines = [
    line("late", 1),
    line("early", 2, { mine: true }),
    line("gone", 3, { names_me: true }),
    line("done", 4, { state: "resolved" }),
    line("whole", 5, { place: "plan" }),
    line("block", 6, { place: "block", block: "b" }),
  ];
  const places = new Map(["early", "block", "done", "late"].map((id) => [id, true]));

  it("stands in the order of reading: the whole plan, the text, what has lost its text", () => {
    expect(ids(chosenLines(lines, "all", places))).toBe("whole early block done late gone");
  });
  it("leaves out what is settled and what has lost its text, which are found by their own filters", () => {
    expect(ids(chosenLines(lines, "open", places))).toBe("whole early block late");
    expect(ids(chosenLines(lines, "resolved", places))).toBe("done");
    expect(ids(chosenLines(lines, "orphaned", places))).toBe("gone");
  });
  it("keeps the one that is being read, whatever becomes of it", () => {
    expect(ids(chosenLines(lines, "open", places, "done"))).toBe("whole early block done late");
  });
  it("finds what one takes part in, and what names one", () => {
    expect(ids(chosenLines(lines, "mine", places))).toBe("early");
    expect(ids(chosenLines(lines, "naming", places))).toBe("gone");
  });
  it("knows that nothing about the whole plan can lose its text", () => {
    expect(isOrphaned(lines[4]!, places)).toBe(false);
    expect(isOrphaned(lines[2]!, places)).toBe(true);
  });
});

describe("where cards stand", () => {
  it("is beside their text where there is room", () => {
    expect(stack([{ wanted: 10, height: 50 }, { wanted: 200, height: 50 }], -1)).toEqual([10, 200]);
  });
  it("pushes down what would be covered", () => {
    expect(stack([{ wanted: 10, height: 50 }, { wanted: 20, height: 50 }, { wanted: 30, height: 50 }], -1)).toEqual([10, 68, 126]);
  });
  it("leaves the chosen one beside its text and moves the others up and down", () => {
    const boxes = [{ wanted: 100, height: 50 }, { wanted: 110, height: 50 }, { wanted: 120, height: 50 }];
    expect(stack(boxes, 1)).toEqual([52, 110, 168]);
  });
  it("lets none go over the upper edge", () => {
    const boxes = [{ wanted: 5, height: 50 }, { wanted: 10, height: 50 }];
    expect(stack(boxes, 1)).toEqual([0, 58]);
  });
});

describe("what was said", () => {
  const said = { id: 1, author: { id: 1, name: "", initial: "", colour: 1, unit_name: "", side: "" as const }, kind: "plain" as const, when: "", edited: false, may_change: false };
  it("shows names as such, the longest first, and never makes markup of text", () => {
    const shown = words({ ...said, text: "@王春 和 @王春燕 <b>看</b>", names: ["王春", "王春燕"], deleted: false });
    expect([...shown.querySelectorAll("b")].map((name) => name.textContent)).toEqual(["@王春", "@王春燕"]);
    expect(shown.textContent).toBe("@王春 和 @王春燕 <b>看</b>");
  });
  it("leaves a trace of what was deleted", () => {
    expect(words({ ...said, text: "", names: [], deleted: true }).textContent).toBe("已删除");
  });
});
