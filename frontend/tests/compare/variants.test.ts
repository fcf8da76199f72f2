import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Authors } from "../../src/compare/authors";
import { Comparer } from "../../src/compare/compare";
import type { Plan } from "../../src/compare/model";
import { readPlan } from "../../src/compare/read";
import { drawReading } from "../../src/compare/reading";
import { drawComparison } from "../../src/compare/side-by-side";

function element(name: string, attributes: Record<string, string>, ...content: (Y.XmlElement | Y.XmlText)[]): Y.XmlElement {
  const made = new Y.XmlElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.insert(0, content);
  return made;
}

const line = (id: string, words: string) => element("paragraph", { id }, new Y.XmlText(words));

function plan(...blocks: Y.XmlElement[]): Plan {
  const doc = new Y.Doc();
  doc.getXmlFragment("default").insert(0, [element("section", { id: "s", key: "homework", title: "作业设计" }, ...blocks)]);
  return readPlan(doc);
}

const pair = (town: string, village: string, label = "青山小学") =>
  plan(
    line("a", "都做"),
    element("variant", { id: "t", side: "town" }, line("b", town)),
    element("variant", { id: "v", side: "village", label }, line("c", village)),
  );

const noAuthors = new Authors({ owners: {}, people: {}, deletions: [] });
const compare = (before: Plan, after: Plan) => drawComparison(new Comparer(noAuthors).compare(before, after));

describe("one version", () => {
  it("draws a pair side by side, each with its name", () => {
    const [section] = drawReading(pair("拍照", "画一画")) as HTMLElement[];
    expect(section!.classList.contains("has-pairs")).toBe(true);
    expect([...section!.querySelectorAll(".variant")].map((variant) => [variant.className, variant.getAttribute("aria-label")])).toEqual([
      ["variant pair-left", "城镇班"],
      ["variant pair-right", "乡村班 · 青山小学"],
    ]);
    expect(section!.querySelector("[data-side=village] .variant-body")?.textContent).toBe("画一画");
  });

  it("draws one in a cell", () => {
    const cell = element("tableCell", {}, element("variant", { id: "v", side: "village" }, line("c", "摸一摸")));
    const [section] = drawReading(plan(element("table", { id: "x" }, element("tableRow", { id: "r" }, cell)))) as HTMLElement[];
    expect(section!.querySelector("td .variant .variant-body")?.textContent).toBe("摸一摸");
  });
});

describe("two versions", () => {
  it("shows both sides, and marks what was changed in one", () => {
    const { rows, changes } = compare(pair("拍照", "画树叶"), pair("拍照", "画树叶和树枝"));
    expect(rows.filter((row) => row.querySelector(".variant-h"))).toHaveLength(2);
    expect(changes).toHaveLength(1);
    expect(changes[0]!.row.querySelector("ins")?.textContent).toBe("和树枝");
    expect(changes[0]!.row.classList.contains("cmp-in-variant")).toBe(true);
  });

  it("leaves a pair alone that is the same", () => {
    const { rows, changes } = compare(pair("拍照", "画"), pair("拍照", "画"));
    expect(changes).toEqual([]);
    expect(rows.slice(1).every((row) => row.classList.contains("cmp-same"))).toBe(true);
  });

  it("tells a new name of the class, and a way that was put in or taken away", () => {
    expect(compare(pair("拍照", "画"), pair("拍照", "画", "北沟小学")).changes.map(({ words }) => words)).toEqual([
      "改了是哪一边、哪个班的做法",
    ]);
    const none = plan(line("a", "都做"));
    expect(compare(none, pair("拍照", "画")).changes[0]!.words).toBe("加了这一块");
    expect(compare(pair("拍照", "画"), none).changes[0]!.words).toBe("删了这一块");
  });

  it("shows lines that were put into a frame as moved, nobody's words", () => {
    const before = plan(line("a", "用手机拍一张照片"));
    const after = plan(element("variant", { id: "t", side: "town" }, line("a", "用手机拍一张照片")));
    const { changes } = compare(before, after);
    expect(changes.flatMap(({ row }) => [...row.querySelectorAll("ins, del")])).toEqual([]);
  });

  it("shows changes in a cell", () => {
    const table = (words: string) =>
      plan(
        element(
          "table",
          { id: "x" },
          element("tableRow", { id: "r" }, element("tableCell", {}, element("variant", { id: "v", side: "village" }, line("c", words)))),
        ),
      );
    const { changes } = compare(table("摸一摸"), table("摸一摸、闻一闻"));
    expect(changes[0]!.row.querySelector(".variant ins")?.textContent).toBe("、闻一闻");
  });
});
