import { Editor } from "@tiptap/core";
import { TableMap } from "@tiptap/pm/tables";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { collaborationExtensions, type SharedPlan } from "../../src/collaboration";
import { BEHAVIOUR } from "../../src/editor/create";
import { SCHEMA } from "../../src/editor/schema";
import { ACTIONS } from "../../src/editor/tools/actions";
import { caretAfter, row, section } from "../editor/make-editor";

const editors: Editor[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const editor of editors.splice(0)) editor.destroy();
  vi.useRealTimers();
});

interface Page {
  editor: Editor;
  doc: Y.Doc;
  awareness: Awareness;
}

/** An editor of a shared document in which there is a table of two rows and two columns. */
function open(): Page {
  const doc = new Y.Doc();
  const awareness = new Awareness(doc);
  const fragment = doc.getXmlFragment("default");
  const shared = { doc, awareness, fragment, beforeRemote: () => () => undefined, hold: () => undefined };
  const element = document.createElement("div");
  document.body.append(element);
  const editor = new Editor({
    element,
    injectCSS: false,
    extensions: [...SCHEMA, ...BEHAVIOUR, ...collaborationExtensions(shared as unknown as SharedPlan)],
  });
  editors.push(editor);
  const table = { type: "table", content: [row(["甲", "乙"]), row(["丙", "丁"])] };
  editor.commands.setContent({ type: "doc", content: [section("board", table)] });
  vi.advanceTimersByTime(1000);
  return { editor, doc, awareness };
}

/** Somebody else takes the last cell of the first row out, as half of a change does. */
function loseCell({ doc }: Page): void {
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  const before = Y.encodeStateVector(other);
  const [firstRow] = [...other.getXmlFragment("default").createTreeWalker(isRow)] as Y.XmlElement[];
  firstRow!.delete(1, 1);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, before), "someone else");
}

const isRow = (node: unknown): boolean => node instanceof Y.XmlElement && node.nodeName === "tableRow";

function cellsByRow({ editor }: Page): number[] {
  const counts: number[] = [];
  editor.state.doc.descendants((node) => {
    if (node.type.name === "tableRow") counts.push(node.childCount);
  });
  return counts;
}

describe("a table that a change by somebody else left short of a cell", () => {
  it("is made whole, though nothing else happens in the page", () => {
    const page = open();
    loseCell(page);
    expect(cellsByRow(page)).toEqual([1, 2]);
    vi.advanceTimersByTime(1000);
    expect(cellsByRow(page)).toEqual([2, 2]);
  });

  it("is made whole while others go on writing", () => {
    const page = open();
    loseCell(page);
    for (let change = 0; change < 10; change += 1) {
      vi.advanceTimersByTime(100);
      page.doc.transact(() => {
        page.doc.getText("elsewhere").insert(0, "字");
      }, "someone else");
      page.awareness.setLocalStateField("cursor", change);
    }
    expect(cellsByRow(page)).toEqual([2, 2]);
  });

  it("is left to the page with the lowest client id", () => {
    const page = open();
    page.awareness.states.set(0, { writes: true });
    loseCell(page);
    vi.advanceTimersByTime(1000);
    expect(cellsByRow(page)).toEqual([1, 2]);
  });

  it("is made whole before a command counts its cells", () => {
    const page = open();
    page.awareness.states.set(0, { writes: true });
    loseCell(page);
    caretAfter(page.editor, "丁");
    ACTIONS["row-above"]!.run(page.editor);
    expect(cellsByRow(page)).toEqual([2, 2, 2]);
    const table = page.editor.state.doc.firstChild!.firstChild!;
    expect(TableMap.get(table).problems).toBeNull();
  });
});
