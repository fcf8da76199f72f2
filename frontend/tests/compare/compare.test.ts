import { expect, test } from "vitest";
import { Authors, type PersonCard } from "../../src/compare/authors";
import { Comparer, type Piece } from "../../src/compare/compare";
import type { Character, Paragraph, Plan } from "../../src/compare/model";
import { drawComparison } from "../../src/compare/side-by-side";

const SEED = 1;
const LI = 7;

function card(id: number, name: string): PersonCard {
  return { id, name, initial: name[0]!, colour: 1, unit_name: "", side: "" };
}

const authors = new Authors({ owners: { [LI]: 70 }, people: { 70: card(70, "李老师") }, deletions: [] });

/** Characters of the seed have their place as clock; those of Li stand in 〔〕. */
function written(words: string): Character[] {
  let clock = 0;
  return [...words.matchAll(/〔(.+?)〕|(.)/gu)].flatMap(([, li, seed]) =>
    [...(li ?? seed!)].map((text) => ({ text, client: li ? LI : SEED, clock: li ? 900 + clock++ : clock++, marks: {} })),
  );
}

function paragraph(id: string, line: Character[], form: Partial<Paragraph> = {}): Paragraph {
  return { type: "paragraph", id, kind: "body", level: 0, checked: false, align: "", marker: "", line, ...form };
}

function plan(...blocks: Paragraph[]): Plan {
  return { fields: [], sections: [{ id: "s", key: "homework", title: "作业设计", blocks }] };
}

function compare(before: Plan, after: Plan) {
  return new Comparer(authors).compare(before, after);
}

function changes(pieces: readonly Piece[] | undefined): [string, string | undefined][] {
  return (pieces ?? []).filter((piece) => piece.change !== "same").map((piece) => [piece.text, piece.person?.name]);
}

// the seed's 讲 keeps its item, wherever the other one was typed
const old = written("家里人讲课");
const typedBefore = [...old.slice(0, 3), ...written("〔听，讲〕"), ...old.slice(3)];
const typedAfter = [...old.slice(0, 4), ...written("〔讲〕"), ...old.slice(4)];

test.each([
  ["before", typedBefore, "听，讲"],
  ["after", typedAfter, "讲"],
])("a character typed %s its like is shown as the one that was typed", (_where, now, words) => {
  const { sections } = compare(plan(paragraph("a", old)), plan(paragraph("a", now)));
  const line = sections[0]!.blocks[0]!.line!;
  expect(changes(line.after)).toEqual([[words, "李老师"]]);
  expect(line.after.map((piece) => piece.text).join("")).toBe(now.map((character) => character.text).join(""));
  expect(line.before.map((piece) => piece.text).join("")).toBe("家里人讲课");
});

test("of two like characters the one that went is shown as deleted", () => {
  const before = written("讲讲课");
  const { sections } = compare(plan(paragraph("a", before)), plan(paragraph("a", before.slice(1))));
  const pieces = sections[0]!.blocks[0]!.line!.before;
  expect(pieces.map((piece) => [piece.text, piece.change])).toEqual([
    ["讲", "deleted"],
    ["讲课", "same"],
  ]);
});

test("the items of a list keep their numbers though each stands in a row of its own", () => {
  const item = (id: string, level = 0) => paragraph(id, written(id), { kind: "ordered", level });
  const rows = (...blocks: Paragraph[]) =>
    drawComparison(compare(plan(...blocks), plan(...blocks))).rows.slice(1).map((row) => {
      const [before, after] = row.querySelectorAll<HTMLElement>(".cmp-old, .cmp-new");
      expect(before!.style.counterReset).toBe(after!.style.counterReset);
      return after!.style.counterReset;
    });
  expect(rows(item("甲"), item("乙"), item("丙", 1), item("丁"), paragraph("文", written("文")), item("戊"))).toEqual([
    "list-0 0",
    "list-0 1",
    "list-0 2 list-1 0",
    "list-0 2",
    "",
    "list-0 0",
  ]);
});
