import { describe, expect, it } from "vitest";
import { caretAfter, line, lines, makeEditor, press, section, type } from "./make-editor";

describe("lists", () => {
  it("goes on with the kind and level after Enter", () => {
    const editor = makeEditor(section("goals", line("认字", { kind: "ordered", level: 1 })));
    caretAfter(editor, "认字");
    press(editor, "Enter");
    type(editor, "写字");
    expect(lines(editor)).toEqual(["ordered 1 认字", "ordered 1 写字"]);
  });

  it("leaves the list by Enter in an empty item, level by level", () => {
    const editor = makeEditor(section("goals", line("认字", { kind: "bullet", level: 1 })));
    caretAfter(editor, "认字");
    press(editor, "Enter");
    press(editor, "Enter");
    expect(lines(editor)).toEqual(["bullet 1 认字", "bullet 0"]);
    press(editor, "Enter");
    expect(lines(editor)).toEqual(["bullet 1 认字", "body 0"]);
  });

  it("does not tick the next task", () => {
    const editor = makeEditor(section("preparation", line("备卡片", { kind: "task", checked: true })));
    caretAfter(editor, "备卡片");
    press(editor, "Enter");
    expect(editor.state.doc.firstChild?.lastChild?.attrs).toMatchObject({ kind: "task", checked: false });
  });

  it("continues with text after a heading, and splits one in its middle into two", () => {
    const editor = makeEditor(section("goals", line("知识与技能", { kind: "heading" })));
    caretAfter(editor, "知识与技能");
    press(editor, "Enter");
    expect(lines(editor)).toEqual(["heading 0 知识与技能", "body 0"]);
    caretAfter(editor, "知识");
    press(editor, "Enter");
    expect(lines(editor).slice(0, 2)).toEqual(["heading 0 知识", "heading 0 与技能"]);
  });

  it("moves items in and out with Tab and Shift+Tab, within four levels", () => {
    const editor = makeEditor(section("goals", line("认字", { kind: "ordered" })));
    caretAfter(editor, "认字");
    for (let times = 0; times < 6; times += 1) press(editor, "Tab");
    expect(lines(editor)).toEqual(["ordered 4 认字"]);
    press(editor, "Tab", { shiftKey: true });
    expect(lines(editor)).toEqual(["ordered 3 认字"]);
  });

  it("leaves Tab to the browser in plain text", () => {
    const editor = makeEditor(section("goals", line("认字")));
    caretAfter(editor, "认字");
    expect(press(editor, "Tab")).toBe(false);
  });

  it("leaves Tab to the browser after Esc, in a list too", () => {
    const editor = makeEditor(section("goals", line("认字", { kind: "ordered" })));
    caretAfter(editor, "认字");
    press(editor, "Escape");
    expect(press(editor, "Tab")).toBe(false);
    expect(lines(editor)).toEqual(["ordered 0 认字"]);
  });

  it("turns an item into text with Backspace at its start, and keeps the words", () => {
    const editor = makeEditor(section("goals", line("认字", { kind: "ordered" })));
    editor.commands.setTextSelection(2);
    press(editor, "Backspace");
    expect(lines(editor)).toEqual(["body 0 认字"]);
  });

  it.each([
    ["- ", "bullet"],
    ["1. ", "ordered"],
    ["2、", "ordered"],
    ["[] ", "task"],
    ["# ", "heading"],
    ["## ", "subheading"],
  ])("makes of “%s” at the start of a line a line of kind %s", (typed, kind) => {
    const editor = makeEditor(section("goals", line("")));
    editor.commands.setTextSelection(2);
    type(editor, typed);
    type(editor, "朗读");
    expect(lines(editor)).toEqual([`${kind} 0 朗读`]);
  });

  it.each(["一、", "3.14 ", "2020 ", "a- ", "__春__", "**"])("leaves “%s” as it was typed", (typed) => {
    const editor = makeEditor(section("goals", line("")));
    editor.commands.setTextSelection(2);
    type(editor, typed);
    expect(editor.state.doc.textContent).toBe(typed);
    expect(editor.getHTML()).not.toMatch(/<(strong|em|s)>/);
    expect(lines(editor)).toEqual([`body 0 ${typed}`.trim()]);
  });

  it("ticks a task by Ctrl+Enter", () => {
    const editor = makeEditor(section("preparation", line("备卡片", { kind: "task" })));
    caretAfter(editor, "备卡片");
    press(editor, "Enter", { ctrlKey: true });
    expect(editor.state.doc.firstChild?.firstChild?.attrs.checked).toBe(true);
  });
});
