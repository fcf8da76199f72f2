import { describe, expect, it } from "vitest";
import { nextMarker } from "../../src/editor/tools/markers";
import { caretAfter, line, makeEditor, press, section, type } from "./make-editor";

describe("numbers from Word", () => {
  it.each([
    ["1.", "2."],
    ["（9）", "（10）"],
    ["一、", "二、"],
    ["（十）", "（十一）"],
    ["十九、", "二十、"],
    ["二十、", "二十一、"],
    ["①", "②"],
    ["⑳", "⑳"],
    ["甲、", "乙、"],
    ["a)", "b)"],
    ["1.2", "1.3"],
    ["➢", "➢"],
  ])("after %s comes %s", (marker, next) => {
    expect(nextMarker(marker)).toBe(next);
  });

  function markers(editor: ReturnType<typeof makeEditor>): unknown[] {
    const found: unknown[] = [];
    editor.state.doc.descendants((node) => {
      if (node.type.name === "paragraph") found.push(node.attrs.marker);
    });
    return found;
  }

  const item = (text: string, marker: string, level = 0) => line(text, { kind: "ordered", level, marker });

  it("count on after Enter, and move those that follow", () => {
    const editor = makeEditor(section("goals", item("甲", "一、"), item("子", "1.", 1), item("乙", "二、"), item("丁", "五、")));
    caretAfter(editor, "甲");
    press(editor, "Enter");
    type(editor, "新");
    // a jump in the numbers was meant: it stays
    expect(markers(editor)).toEqual(["一、", "二、", "1.", "三、", "五、"]);
  });

  it("go when the line becomes another kind or another level", () => {
    const editor = makeEditor(section("goals", item("甲", "一、"), item("乙", "二、")));
    caretAfter(editor, "乙");
    press(editor, "Tab");
    expect(markers(editor)).toEqual(["一、", null]);
  });
});
