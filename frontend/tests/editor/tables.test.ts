import { TableMap } from "@tiptap/pm/tables";
import { describe, expect, it } from "vitest";
import { ACTIONS } from "../../src/editor/tools/actions";
import { caretAfter, line, makeEditor, press, row, section } from "./make-editor";

function open() {
  return makeEditor(
    section("board", { type: "table", content: [row(["甲", "乙"]), row(["丙", "丁"])] }, line("后")),
  );
}

function shape(editor: ReturnType<typeof open>): [number, number] {
  const map = TableMap.get(editor.state.doc.firstChild!.firstChild!);
  return [map.height, map.width];
}

/** Selects from the cell with one text to the cell with another. */
function selectCells(editor: ReturnType<typeof open>, from: string, to: string): void {
  const cells: Record<string, number> = {};
  editor.state.doc.descendants((node, pos) => {
    if (node.type.name === "tableCell") cells[node.textContent] = pos;
  });
  editor.commands.setCellSelection({ anchorCell: cells[from]!, headCell: cells[to]! });
}

describe("tables", () => {
  it("go from cell to cell with Tab, back with Shift+Tab, and grow at the end", () => {
    const editor = open();
    caretAfter(editor, "甲");
    press(editor, "Tab");
    expect(editor.state.selection.$from.parent.textContent).toBe("乙");
    press(editor, "Tab", { shiftKey: true });
    expect(editor.state.selection.$from.parent.textContent).toBe("甲");
    caretAfter(editor, "丁");
    press(editor, "Tab");
    expect(shape(editor)).toEqual([3, 2]);
  });

  it("let Tab out after Esc", () => {
    const editor = open();
    caretAfter(editor, "甲");
    press(editor, "Escape");
    expect(press(editor, "Tab")).toBe(false);
    expect(editor.state.selection.$from.parent.textContent).toBe("甲");
  });

  it("add and remove rows and columns", () => {
    const editor = open();
    caretAfter(editor, "甲");
    ACTIONS["row-above"]!.run(editor);
    ACTIONS["column-right"]!.run(editor);
    expect(shape(editor)).toEqual([3, 3]);
    caretAfter(editor, "丙");
    ACTIONS["row-delete"]!.run(editor);
    expect(editor.state.doc.textContent).toBe("甲乙后");
    caretAfter(editor, "乙");
    ACTIONS["column-delete"]!.run(editor);
    expect(editor.state.doc.textContent).toBe("甲后");
  });

  it("merge cells without losing words, and split them again", () => {
    const editor = open();
    selectCells(editor, "甲", "乙");
    expect(ACTIONS["cells-merge"]!.possible!(editor)).toBe(true);
    ACTIONS["cells-merge"]!.run(editor);
    const merged = editor.state.doc.firstChild!.firstChild!.firstChild!.firstChild!;
    expect(merged.attrs.colspan).toBe(2);
    expect(merged.textContent).toBe("甲乙");
    caretAfter(editor, "甲");
    ACTIONS["cell-split"]!.run(editor);
    expect(editor.state.doc.firstChild!.firstChild!.firstChild!.childCount).toBe(2);
  });

  it("go whole only when all cells are selected", () => {
    const editor = open();
    selectCells(editor, "甲", "乙");
    press(editor, "Backspace");
    expect(editor.state.doc.textContent).toBe("丙丁后");
    expect(shape(editor)).toEqual([2, 2]);
  });

  it("keep their id and kind when a row is added", () => {
    const editor = makeEditor(
      section("process", { type: "table", attrs: { id: "aaaaaaaaa1", kind: "process" }, content: [row(["甲", "1"])] }),
    );
    caretAfter(editor, "甲");
    ACTIONS["row-below"]!.run(editor);
    const table = editor.view.dom.querySelector("table")!;
    expect(table.dataset).toMatchObject({ id: "aaaaaaaaa1", kind: "process" });
  });

  it("cannot be put into the header or into a table", () => {
    const editor = makeEditor(
      { type: "header", content: [{ type: "headerField", attrs: { key: "title" }, content: [{ type: "text", text: "课" }] }] },
      section("board", { type: "table", content: [row(["甲"])] }),
    );
    caretAfter(editor, "课");
    expect(ACTIONS["table-3"]!.possible!(editor)).toBe(false);
    caretAfter(editor, "甲");
    expect(ACTIONS["table-3"]!.possible!(editor)).toBe(false);
  });
});
