import { describe, expect, it } from "vitest";
import { findMatches } from "../../src/editor/find/search";
import { replaceAll } from "../../src/editor/find/highlights";
import { countDocument, countSelection, countText } from "../../src/editor/tools/word-count";
import { isWritten, readSections } from "../../src/editor/sections";
import { caretAfter, line, makeEditor, processTable, section } from "./make-editor";

describe("the word count", () => {
  it.each([
    ["我爱秋天。", 5, 4, 0],
    ["学唱 Happy birthday 两遍", 17, 4, 2],
    ["3.5 kg，don't", 11, 0, 3],
    ["𠮷　野\n", 2, 2, 0],
    ["", 0, 0, 0],
  ])("of “%s” is %i in all, %i characters and %i words", (text, all, characters, words) => {
    expect(countText(text)).toEqual({ all, characters, words });
  });

  it("leaves out the template's own words: header, headings, labels, steps, heads of tables", () => {
    const label = line("基础：");
    const heading = line("知识与技能", { kind: "subheading" });
    const empty = makeEditor(section("goals", heading, label, processTable(["导入新课", "", "", "", ""])));
    expect(countDocument(empty.state.doc).all).toBe(0);
    const written = makeEditor(section("goals", heading, line("基础：抄写"), processTable(["导入", "看图", "", "", "5"])));
    expect(countDocument(written.state.doc).all).toBe("基础：抄写看图".length);
  });

  it("counts what was changed, and the rest as before", () => {
    const editor = makeEditor(section("goals", line("春天"), line("来了")));
    expect(countDocument(editor.state.doc).all).toBe(4);
    caretAfter(editor, "春天");
    editor.commands.insertContent("又");
    expect(countDocument(editor.state.doc).all).toBe(5);
  });

  it("keeps the words of two lines apart and counts what is selected", () => {
    const editor = makeEditor(section("goals", line("read"), line("aloud 吧")));
    expect(countDocument(editor.state.doc)).toEqual({ all: 10, characters: 1, words: 2 });
    expect(countSelection(editor.state)).toBeNull();
    editor.commands.setTextSelection({ from: 2, to: 6 });
    expect(countSelection(editor.state)).toEqual({ all: 4, characters: 0, words: 1 });
  });
});

describe("finding", () => {
  const editor = makeEditor(
    section("goals", line("春天，Spring 的春"), {
      type: "paragraph",
      content: [{ type: "text", text: "立" }, { type: "text", text: "春", marks: [{ type: "bold" }] }],
    }),
  );

  it("finds words whatever their case, width and marks", () => {
    expect(findMatches(editor.state.doc, "春")).toHaveLength(3);
    expect(findMatches(editor.state.doc, "ｓＰring")).toHaveLength(1);
    expect(findMatches(editor.state.doc, "立春")).toHaveLength(1);
    expect(findMatches(editor.state.doc, "")).toEqual([]);
  });

  it("never matches over the end of a line", () => {
    expect(findMatches(editor.state.doc, "春立")).toEqual([]);
  });

  it("replaces all and keeps the marks", () => {
    const { doc } = replaceAll(editor.state, findMatches(editor.state.doc, "春"), "秋天");
    expect(doc.textContent).toBe("秋天天，Spring 的秋天立秋天");
    expect(doc.firstChild!.lastChild!.lastChild!.marks[0]?.type.name).toBe("bold");
  });
});

describe("what is not written yet", () => {
  it("is a section with nothing but headings, labels and names of steps", () => {
    const { doc } = makeEditor(
      section("goals", line("知识与技能", { kind: "heading" }), line("")),
      section("homework", line("基础：")),
      section("process", processTable(["导入新课", "", "", "", ""])),
      section("board", line("春")),
      section("reflection", line("")),
    ).state;
    expect(readSections(doc).map(({ key, written }) => [key, written])).toEqual([
      ["goals", false],
      ["homework", false],
      ["process", false],
      ["board", true],
      ["reflection", true],
    ]);
    expect(isWritten(doc.lastChild!)).toBe(false);
  });
});
