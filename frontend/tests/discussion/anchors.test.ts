import { Editor, type JSONContent } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Anchors } from "../../src/discussion/anchors";
import { Discussion } from "../../src/discussion/extension";
import type { Line } from "../../src/discussion/types";
import { BEHAVIOUR } from "../../src/editor/create";
import { SCHEMA } from "../../src/editor/schema";
import { ACTIONS } from "../../src/editor/tools/actions";

const THREAD = "abcdefghij";
const OTHER = "klmnopqrst";
const commented = (words: string, ...ids: string[]) => ({
  type: "text",
  text: words,
  marks: ids.map((id) => ({ type: "comment", attrs: { id } })),
});
const plain = (words: string) => ({ type: "text", text: words });
const known = (id: string, more: Partial<Line> = {}): Line => ({
  id, number: 3, kind: "comment", state: "open", place: "text", block: "", mine: false, names_me: false, ...more,
});

describe("anchors in the text", () => {
  let editor: Editor;
  let anchors: Anchors;
  const pressed: string[] = [];

  const open = (...content: JSONContent[][]): void => {
    editor = new Editor({
      element: document.body.appendChild(document.createElement("div")),
      injectCSS: false,
      extensions: [...SCHEMA, ...BEHAVIOUR, Discussion.configure({ anchors, pressed: (id) => { pressed.push(id); } })],
      content: { type: "doc", content: content.map((line) => ({ type: "paragraph", content: line })) },
    });
  };
  const dressed = (): string[] => [...editor.view.dom.querySelectorAll(".anno")].map((anno) => anno.textContent);
  const numbered = (): string[] => [...editor.view.dom.querySelectorAll("[data-number]")].map((anno) => anno.textContent);
  const under = (id: string): string => {
    let words = "";
    editor.state.doc.descendants((node) => {
      if (node.marks.some(({ type, attrs }) => type.name === "comment" && attrs.id === id)) words += node.text ?? "";
    });
    return words;
  };
  const choose = (from: number, to: number): void => {
    editor.view.dispatch(editor.state.tr.setSelection(TextSelection.create(editor.state.doc, from, to)));
  };
  const cut = (): string => {
    const { dom } = editor.view.serializeForClipboard(editor.state.selection.content());
    editor.commands.deleteSelection();
    return dom.innerHTML;
  };
  const paste = (html: string): void => {
    editor.view.pasteHTML(html, new Event("paste") as ClipboardEvent);
  };

  beforeEach(() => {
    anchors = new Anchors();
    pressed.length = 0;
  });
  afterEach(() => {
    editor.destroy();
    document.body.replaceChildren();
  });

  it("are drawn only for threads that the page knows: a mark alone shows nothing", async () => {
    open([plain("会写"), commented("融", THREAD), commented("浸", THREAD, OTHER)]);
    expect(dressed()).toEqual([]);
    anchors.know([known(THREAD)]);
    await vi.waitFor(() => { expect(dressed()).toEqual(["融浸"]); });
    expect(numbered()).toEqual(["融浸"]);
    anchors.know([known(THREAD, { state: "resolved" })]);
    await vi.waitFor(() => { expect(dressed()).toEqual([]); });
    anchors.choose(THREAD);
    expect(dressed()).toEqual(["融浸"]);
  });

  it("stand one number for a thread, behind its last words", async () => {
    open([commented("第一行", THREAD)], [commented("第二行", THREAD)]);
    anchors.know([known(THREAD)]);
    await vi.waitFor(() => { expect(numbered()).toEqual(["第二行"]); });
  });

  it("take in what is typed inside and not what is typed at their edges", () => {
    open([plain("会"), commented("融浸", THREAD), plain("等")]);
    choose(3, 3);
    editor.view.dispatch(editor.state.tr.insertText("水"));
    choose(5, 5);
    editor.view.dispatch(editor.state.tr.insertText("后"));
    choose(2, 2);
    editor.view.dispatch(editor.state.tr.insertText("前"));
    expect(under(THREAD)).toBe("融水浸");
  });

  it("go with text that is cut out and pasted in again", () => {
    open([plain("会"), commented("融浸", THREAD), plain("等")], [plain("另一行")]);
    choose(2, 4);
    const html = cut();
    expect(anchors.isAnchored(THREAD)).toBe(false);
    choose(editor.state.doc.content.size - 1, editor.state.doc.content.size - 1);
    paste(html);
    expect(under(THREAD)).toBe("融浸");
    paste(html);
    expect(under(THREAD)).toBe("融浸");
    expect(editor.state.doc.textContent).toBe("会等另一行融浸融浸");
  });

  it("stay where they are when their text is copied", () => {
    open([commented("融浸", THREAD)], [plain("另一行")]);
    choose(1, 3);
    const { dom } = editor.view.serializeForClipboard(editor.state.selection.content());
    choose(editor.state.doc.content.size - 1, editor.state.doc.content.size - 1);
    paste(dom.innerHTML);
    expect(editor.state.doc.textContent).toBe("融浸另一行融浸");
    expect(under(THREAD)).toBe("融浸");
  });

  it("do not come in with text from elsewhere", () => {
    open([plain("正文")]);
    choose(3, 3);
    paste(`<p data-pm-slice="1 1 []"><span data-comment="${OTHER}">别处的</span></p>`);
    paste(`<p><span data-comment="${THREAD}">网页上的</span></p>`);
    expect(editor.state.doc.textContent).toContain("别处的");
    expect(editor.state.doc.textContent).toContain("网页上的");
    expect(under(OTHER) + under(THREAD)).toBe("");
  });

  it("are kept when the writer takes all formats off", () => {
    open([commented("融浸", THREAD)]);
    choose(1, 3);
    editor.commands.toggleMark("bold");
    ACTIONS.clear!.run(editor);
    expect(under(THREAD)).toBe("融浸");
    expect(editor.view.dom.querySelector("strong")).toBeNull();
  });

  it("say which thread was pressed, of several the inner one first", async () => {
    open([commented("融", THREAD), commented("浸", THREAD, OTHER)]);
    anchors.know([known(THREAD), known(OTHER, { number: 4 })]);
    await vi.waitFor(() => { expect(dressed()).toHaveLength(2); });
    const inner = editor.view.dom.querySelector<HTMLElement>(".anno .anno")!;
    inner.click();
    anchors.choose(pressed[0]!);
    inner.click();
    expect(new Set(pressed)).toEqual(new Set([THREAD, OTHER]));
    expect(pressed[0]).toBe(inner.dataset.comment);
  });
});
