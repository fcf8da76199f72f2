import { Editor, type JSONContent } from "@tiptap/core";
import { BEHAVIOUR } from "../../src/editor/create";
import { SCHEMA } from "../../src/editor/schema";

// jsdom lays nothing out
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
Range.prototype.getBoundingClientRect = () => new DOMRect();

export function text(words: string): JSONContent[] {
  return words ? [{ type: "text", text: words }] : [];
}

export function line(words: string, attrs: Record<string, unknown> = {}): JSONContent {
  return { type: "paragraph", attrs, content: text(words) };
}

export function section(key: string, ...content: JSONContent[]): JSONContent {
  return { type: "section", attrs: { key, title: key }, content };
}

export function row(cells: string[], type = "tableCell"): JSONContent {
  return {
    type: "tableRow",
    content: cells.map((words) => ({ type, content: words.split("/").map((one) => line(one)) })),
  };
}

const COLUMNS = ["环节", "教师活动", "学生活动", "设计意图", "时间（分钟）"];

export function processTable(...rows: string[][]): JSONContent {
  return {
    type: "table",
    attrs: { kind: "process" },
    content: [row(COLUMNS, "tableHeader"), ...rows.map((cells) => row(cells))],
  };
}

/** An editor with all that the page's editor does, but for the shared document. */
export function makeEditor(...content: JSONContent[]): Editor {
  const element = document.createElement("div");
  document.body.append(element);
  return new Editor({
    element,
    injectCSS: false,
    extensions: [...SCHEMA, ...BEHAVIOUR],
    content: { type: "doc", content },
    // what is made here must be legal
    enableContentCheck: true,
  });
}

/** Puts the caret behind the words. */
export function caretAfter(editor: Editor, words: string): void {
  let found = -1;
  editor.state.doc.descendants((node, pos) => {
    const at = node.isText ? (node.text ?? "").indexOf(words) : -1;
    if (at >= 0 && found < 0) found = pos + at + words.length;
  });
  if (found < 0) throw new Error(`“${words}” is not in the document`);
  editor.commands.setTextSelection(found);
}

/** Presses a key as the keyboard would. */
export function press(editor: Editor, key: string, modifiers: Partial<KeyboardEventInit> = {}): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...modifiers });
  editor.view.dom.dispatchEvent(event);
  return event.defaultPrevented;
}

/** Types text as input rules see it. */
export function type(editor: Editor, words: string): void {
  for (const character of words) {
    const { from, to } = editor.state.selection;
    const insert = () => editor.state.tr.insertText(character, from, to);
    const handled = editor.view.someProp("handleTextInput", (handle) => handle(editor.view, from, to, character, insert));
    if (!handled) editor.view.dispatch(insert());
  }
}

/** The lines of the document as “kind level text”. */
export function lines(editor: Editor): string[] {
  const found: string[] = [];
  editor.state.doc.descendants((node) => {
    if (node.type.name === "paragraph") {
      const { kind, level } = node.attrs as { kind: string; level: number };
      found.push(`${kind} ${level} ${node.textContent}`.trim());
    }
  });
  return found;
}
