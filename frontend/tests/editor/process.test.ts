import { describe, expect, it } from "vitest";
import { drawRuler } from "../../src/editor/process/ruler";
import { measure, readMinutes, readSteps } from "../../src/editor/process/steps";
import { caretAfter, makeEditor, press, processTable, section } from "./make-editor";

const STEPS = [
  ["导入新课", "出示树叶", "看", "引入", "5"],
  ["新课教学/初读", "范读", "跟读", "读准", "10 分钟"],
  ["", "", "", "", ""],
];

function open() {
  return makeEditor(section("process", processTable(...STEPS)));
}

describe("minutes", () => {
  it.each([
    ["5", 5],
    ["10 分钟", 10],
    ["１２", 12],
    ["约3～5分", 3],
    ["", 0],
    ["几分钟", 0],
  ])("reads “%s” as %i", (text, minutes) => {
    expect(readMinutes(text)).toBe(minutes);
  });
});

describe("the lesson ruler", () => {
  it("takes the sub-title of a step as its name", () => {
    const table = open().state.doc.firstChild!.firstChild!;
    expect(readSteps(table).map(({ name, minutes }) => [name, minutes])).toEqual([
      ["导入新课", 5],
      ["初读", 10],
      ["", 0],
    ]);
  });

  it("says what is left and what is too much", () => {
    const step = (minutes: number) => ({ name: "步", minutes, offset: 0 });
    expect(measure([step(5), step(10)])).toEqual({ planned: 15, scale: 40, left: 25, over: 0 });
    expect(measure([step(30), step(20)])).toEqual({ planned: 50, scale: 50, left: 0, over: 10 });
    expect(drawRuler([step(30), step(20)], null).textContent).toContain("超出 10 分钟");
    expect(drawRuler([step(30), step(10)], null).textContent).toContain("40 分钟已排满");
  });

  it("follows the table while it is written", () => {
    const editor = open();
    const words = () => editor.view.dom.querySelector(".ruler-bar")?.getAttribute("aria-label");
    expect(words()).toContain("还余 25 分钟没安排");
    caretAfter(editor, "10");
    editor.commands.insertContent("0");
    expect(words()).toContain("超出 65 分钟");
  });

  it("marks the step in which the caret stands", () => {
    const editor = open();
    caretAfter(editor, "范读");
    expect(editor.view.dom.querySelector(".ruler-bar .on")?.textContent).toBe("初读10");
  });

  it("writes names as text, never as markup", () => {
    const ruler = drawRuler([{ name: "<img src=x>", minutes: 5, offset: 0 }], null);
    expect(ruler.querySelector("img")).toBeNull();
  });
});

describe("the table of the teaching process", () => {
  it("labels each cell with its column for phones", () => {
    const cell = open().view.dom.querySelectorAll("tr")[1]!.children;
    expect([...cell].map((one) => [one.getAttribute("data-part"), one.getAttribute("data-label")])).toEqual([
      ["step", "环节"],
      ["activity", "教师活动"],
      ["activity", "学生活动"],
      ["activity", "设计意图"],
      ["minutes", "时间（分钟）"],
    ]);
  });

  it("adds a step with the button, the caret in it", () => {
    const editor = open();
    editor.view.dom.querySelector<HTMLButtonElement>(".add-step")!.click();
    const table = editor.state.doc.firstChild!.firstChild!;
    expect(table.childCount).toBe(5);
    expect(table.lastChild!.childCount).toBe(5);
    expect(editor.state.selection.$from.node(-2).eq(table.lastChild!)).toBe(true);
  });

  it("adds a step with Tab in the last cell", () => {
    const editor = makeEditor(section("process", processTable(["导入", "一", "二", "三", "40"])));
    caretAfter(editor, "40");
    press(editor, "Tab");
    expect(editor.state.doc.firstChild!.firstChild!.childCount).toBe(3);
  });

  it("offers no button to a reader", () => {
    const editor = open();
    editor.setEditable(false);
    editor.view.dispatch(editor.state.tr.setMeta("editableChanged", true));
    expect(editor.view.dom.querySelector(".add-step")).toBeNull();
  });
});
