import type { Editor, JSONContent } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import { describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { plainText } from "../../src/collaboration/plain-text";
import { ACTIONS } from "../../src/editor/tools/actions";
import { countDocument } from "../../src/editor/tools/word-count";
import { setLabel } from "../../src/editor/variants/commands";
import { holdsVariant } from "../../src/editor/variants/places";
import { ShownWays, showWays, shownWays, unfold } from "../../src/editor/variants/shown";
import { readSteps } from "../../src/editor/process/steps";
import { readSections } from "../../src/editor/sections";
import { pairStarts } from "../../src/shared/sides";
import { rememberedWays, rememberWays } from "../../src/shared/ways";
import { caretAfter, line, makeEditor, press, processTable, row, section, type } from "./make-editor";

function variant(side: string, ...content: JSONContent[]): JSONContent {
  return { type: "variant", attrs: { side }, content };
}

/** The plan as its frames and lines: 城[…] and 乡[…]. */
function drawn(editor: Editor): string {
  const parts: string[] = [];
  const draw = (node: Editor["state"]["doc"]): void => {
    const frame = node.type.name === "variant" ? (node.attrs.side === "town" ? "城[" : "乡[") : "";
    if (frame) parts.push(frame);
    if (node.isTextblock) parts.push(node.textContent || "_");
    else node.forEach(draw);
    if (frame) parts.push("]");
  };
  draw(editor.state.doc);
  return parts.join(" ").replace(/\[ /g, "[").replace(/ \]/g, "]");
}

function use(editor: Editor, name: string): void {
  const action = ACTIONS[name]!;
  expect(action.possible?.(editor), name).toBe(true);
  action.run(editor);
}

function possible(editor: Editor, name: string): boolean {
  return ACTIONS[name]!.possible!(editor);
}

function select(editor: Editor, from: string, to: string): void {
  caretAfter(editor, from);
  const start = editor.state.selection.from - from.length;
  caretAfter(editor, to);
  const { doc, tr } = editor.state;
  editor.view.dispatch(tr.setSelection(TextSelection.create(doc, start, editor.state.selection.to)));
}

describe("putting in and taking away", () => {
  it("puts a pair below the line of the caret, the caret in its first line", () => {
    const editor = makeEditor(section("homework", line("共同")));
    caretAfter(editor, "共同");
    use(editor, "variant-pair");
    type(editor, "拍照");
    expect(drawn(editor)).toBe("共同 城[拍照] 乡[_]");
  });

  it("puts it in the place of an empty line", () => {
    const editor = makeEditor(section("homework", line("")));
    editor.commands.setTextSelection(2);
    use(editor, "variant-pair");
    expect(drawn(editor)).toBe("城[_] 乡[_]");
  });

  it("makes a variant of the selected blocks and takes the frame away again, ids and all", () => {
    const blocks = ["甲", "乙", "丙"].map((words) => line(words, { id: `${words.charCodeAt(0)}aaaaa`.slice(0, 10) }));
    const editor = makeEditor(section("homework", ...blocks));
    const before = editor.getJSON();
    select(editor, "乙", "丙");
    use(editor, "variant-village");
    expect(drawn(editor)).toBe("甲 乡[乙 丙]");
    use(editor, "variant-unwrap");
    expect(editor.getJSON()).toEqual(before);
  });

  it("takes tables and pictures into it", () => {
    const table = { type: "table", content: [row(["一", "二"])] };
    const editor = makeEditor(section("preparation", line("甲"), table, line("乙")));
    select(editor, "甲", "乙");
    use(editor, "variant-town");
    expect(drawn(editor)).toBe("城[甲 一 二 乙]");
    expect(() => { editor.state.doc.check(); }).not.toThrow();
  });

  it("stands in a cell of the teaching process, and a row keeps its minutes", () => {
    const editor = makeEditor(section("process", processTable(["导入", "谈话", "听", "趣", "5"])));
    caretAfter(editor, "谈话");
    use(editor, "variant-pair");
    type(editor, "放短片");
    expect(drawn(editor)).toContain("谈话 城[放短片] 乡[_] 听");
    expect(() => { editor.state.doc.check(); }).not.toThrow();
  });

  it("may stand where the minutes stand: the first number counts", () => {
    const minutes = { type: "tableCell", content: [variant("town", line("8")), variant("village", line("12"))] };
    const cells = [...row(["练习", "做题"]).content!, minutes];
    const table = { type: "table", attrs: { kind: "process" }, content: [row(["环节", "活动", "时间"], "tableHeader"), { type: "tableRow", content: cells }] };
    expect(readSteps(makeEditor(section("process", table)).state.doc.firstChild!.firstChild!)).toMatchObject([
      { name: "练习", minutes: 8 },
    ]);
  });

  it("stands in no other, at whatever depth", () => {
    const table = { type: "table", content: [row(["一", "二"])] };
    const editor = makeEditor(section("preparation", variant("town", line("甲"), table), line("乙")));
    for (const words of ["甲", "一"]) {
      caretAfter(editor, words);
      expect(possible(editor, "variant-pair")).toBe(false);
      expect(possible(editor, "variant-town")).toBe(false);
    }
    select(editor, "甲", "乙");
    expect(possible(editor, "variant-village")).toBe(false);
  });

  it("changes the side, names the class, and adds the other side only once", () => {
    const editor = makeEditor(section("homework", variant("town", line("甲"))));
    caretAfter(editor, "甲");
    use(editor, "variant-side");
    editor.view.dispatch(setLabel(editor.state, 1, "青山小学 11 人")!);
    use(editor, "variant-partner");
    expect(drawn(editor)).toBe("城[_] 乡[甲]");
    expect(possible(editor, "variant-partner")).toBe(false);
    expect(editor.view.dom.querySelector("[role=group][aria-label='乡村班 · 青山小学 11 人'] .variant-h")).not.toBeNull();
  });

  it("takes one away whole, and leaves a line where it was alone", () => {
    const editor = makeEditor(section("homework", variant("town", line("甲"))), section("board", line("乙")));
    caretAfter(editor, "甲");
    use(editor, "variant-delete");
    expect(drawn(editor)).toBe("_ 乙");
  });
});

describe("the keys", () => {
  it("lead out of an empty last line, below the pair", () => {
    const editor = makeEditor(section("homework", variant("town", line("甲")), variant("village", line("乙"))));
    caretAfter(editor, "甲");
    press(editor, "Enter");
    expect(drawn(editor)).toBe("城[甲 _] 乡[乙]");
    press(editor, "Enter");
    type(editor, "都做");
    expect(drawn(editor)).toBe("城[甲] 乡[乙] 都做");
  });

  it("tear no frame at its edges", () => {
    const content = [line("前"), variant("town", line("甲"), line("乙")), line("后")];
    const editor = makeEditor(section("homework", ...content));
    const before = drawn(editor);
    caretAfter(editor, "甲");
    editor.commands.setTextSelection(editor.state.selection.from - 1);
    expect(press(editor, "Backspace")).toBe(true);
    caretAfter(editor, "乙");
    expect(press(editor, "Delete")).toBe(true);
    caretAfter(editor, "前");
    press(editor, "Delete");
    caretAfter(editor, "后");
    editor.commands.setTextSelection(editor.state.selection.from - 1);
    press(editor, "Backspace");
    expect(drawn(editor)).toBe(before);
  });
});

describe("pasting", () => {
  const copyOf = (editor: Editor) => editor.view.serializeForClipboard(editor.state.selection.content()).dom.innerHTML;
  const pasteInto = (editor: Editor, html: string) => editor.view.pasteHTML(html, new Event("paste") as ClipboardEvent);

  it("takes words out of a variant without its frame", () => {
    const editor = makeEditor(section("homework", variant("town", line("拍照片")), line("后")));
    select(editor, "拍", "照");
    const copied = copyOf(editor);
    caretAfter(editor, "后");
    pasteInto(editor, copied);
    expect(drawn(editor)).toBe("城[拍照片] 后拍照");
  });

  it("takes whole variants along, but not into another", () => {
    const editor = makeEditor(
      section("homework", line("前"), variant("town", line("甲")), variant("village", line("乙")), line("后")),
      section("board", line("末")),
    );
    select(editor, "前", "后");
    const copied = copyOf(editor);
    caretAfter(editor, "末");
    pasteInto(editor, copied);
    expect(drawn(editor)).toContain("末 前 城[甲] 乡[乙] 后".slice(2));
    caretAfter(editor, "甲");
    pasteInto(editor, copied);
    expect(() => { editor.state.doc.check(); }).not.toThrow();
    expect(drawn(editor)).not.toMatch(/\[[^\]]*\[/);
  });
});

describe("which ways are shown", () => {
  function folding() {
    const refused = vi.fn();
    const editor = makeEditor(
      section("homework", line("前"), variant("town", line("甲")), variant("village", line("乙")), line("后")),
    );
    editor.registerPlugin(
      // the same plugin that the page's editor has
      ShownWays.configure({ refused }).config.addProseMirrorPlugins!.call({ options: { refused } } as never)[0]!,
    );
    return { editor, refused };
  }

  it("is this person's view and never changes the plan", () => {
    const { editor } = folding();
    const before = editor.getJSON();
    showWays(editor, "town");
    expect(editor.view.dom.dataset.ways).toBe("town");
    expect(editor.getJSON()).toEqual(before);
  });

  it("keeps the caret out of what is folded", () => {
    const { editor } = folding();
    showWays(editor, "town");
    caretAfter(editor, "乙");
    expect(editor.state.selection.$head.parent.textContent).toBe("后");
  });

  it("takes nothing away that is not seen", () => {
    const { editor, refused } = folding();
    const before = editor.getJSON();
    showWays(editor, "town");
    editor.commands.selectAll();
    editor.commands.deleteSelection();
    expect(editor.getJSON()).toEqual(before);
    expect(refused).toHaveBeenCalledOnce();
    caretAfter(editor, "甲");
    type(editor, "子");
    expect(drawn(editor)).toContain("城[甲子] 乡[乙]");
  });

  it("unfolds for what is looked for", () => {
    const { editor } = folding();
    showWays(editor, "town");
    unfold(editor, [editor.state.doc.content.size - 3]);
    expect(shownWays(editor.state)).toBe("town");
    let village = 0;
    editor.state.doc.descendants((node, pos) => {
      if (node.text === "乙") village = pos;
    });
    unfold(editor, [village]);
    expect(shownWays(editor.state)).toBe("all");
  });

  it("begins with the side of the person's own school and is remembered for each person", () => {
    localStorage.clear();
    expect(rememberedWays({ id: 1, side: "village" })).toBe("village");
    expect(rememberedWays({ id: 2, side: "" })).toBe("all");
    rememberWays({ id: 1, side: "village" }, "all");
    expect(rememberedWays({ id: 1, side: "village" })).toBe("all");
    expect(rememberedWays({ id: 3, side: "town" })).toBe("town");
  });
});

describe("what is read from a plan", () => {
  it("finds pairs among what stands in a section", () => {
    expect(pairStarts([null, "town", "village", null, "village", "village", "town"])).toEqual([1, 5]);
    expect(pairStarts(["town", "village", "town"])).toEqual([0]);
  });

  it("knows whether there is a variant at all", () => {
    const cell = { type: "tableCell", content: [variant("village", line("甲"))] };
    const table = { type: "table", content: [{ type: "tableRow", content: [cell] }] };
    expect(holdsVariant(makeEditor(section("process", table)).state.doc)).toBe(true);
    expect(holdsVariant(makeEditor(section("process", line("甲"))).state.doc)).toBe(false);
  });

  it("counts the words of both sides and takes empty frames for unwritten", () => {
    const editor = makeEditor(
      section("homework", variant("town", line("拍照")), variant("village", line("画一画"))),
      section("goals", variant("town", line(""))),
    );
    expect(countDocument(editor.state.doc).all).toBe(5);
    expect(readSections(editor.state.doc).map(({ written }) => written)).toEqual([true, false]);
  });

  it("says in plain text whose way it is", () => {
    const doc = new Y.Doc();
    const frame = new Y.XmlElement("variant");
    frame.setAttribute("side", "village");
    frame.setAttribute("label", "青山小学");
    const paragraph = new Y.XmlElement("paragraph");
    paragraph.insert(0, [new Y.XmlText("画一画")]);
    frame.insert(0, [paragraph]);
    const fragment = doc.getXmlFragment("default");
    fragment.insert(0, [frame]);
    expect(plainText(fragment)).toBe("〔乡村班 · 青山小学〕\n画一画");
  });
});
