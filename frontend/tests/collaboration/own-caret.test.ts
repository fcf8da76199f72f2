import { Editor } from "@tiptap/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { collaborationExtensions, fill, KeptMapping, type SharedPlan } from "../../src/collaboration";
import { SCHEMA } from "../../src/editor/schema";
import { caretAfter } from "../editor/make-editor";

function element(name: string, attributes: Record<string, string>, ...content: (Y.XmlElement | Y.XmlText)[]): Y.XmlElement {
  const made = new Y.XmlElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.insert(0, content);
  return made;
}

const paragraph = (text: string): Y.XmlElement => element("paragraph", {}, new Y.XmlText(text));

describe("our own caret", () => {
  let doc: Y.Doc;
  let other: Y.Doc;
  let editor: Editor;

  const open = (...parts: Y.XmlElement[]): void => {
    doc.getXmlFragment("default").insert(0, parts);
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    const shared = {
      doc,
      awareness: new Awareness(doc),
      fragment: doc.getXmlFragment("default"),
      beforeRemote: () => () => undefined,
      hold: () => undefined,
    };
    const mapping = new KeptMapping();
    editor = new Editor({
      element: null,
      injectCSS: false,
      extensions: [...SCHEMA, ...collaborationExtensions(shared as unknown as SharedPlan, mapping)],
    });
    fill(editor, shared.fragment, mapping);
    editor.mount(document.body.appendChild(document.createElement("div")));
  };
  const openPlan = (): void => {
    open(
      element("header", { id: "h" }, element("headerField", { id: "f", key: "title" }, new Y.XmlText("小兴安岭"))),
      element("section", { id: "s", key: "goals" }, paragraph("春天来了"), paragraph("夏天到了")),
    );
  };
  /** What the other does, and its arrival here. */
  const remotely = (change: (fragment: Y.XmlFragment) => void): void => {
    change(other.getXmlFragment("default"));
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)));
  };
  /** The text of the line before and after the caret. */
  const atCaret = (): string => {
    const { $head } = editor.state.selection;
    const text = $head.parent.textContent;
    return `${text.slice(0, $head.parentOffset)}|${text.slice($head.parentOffset)}`;
  };
  const parts = (): string[] =>
    doc.getXmlFragment("default").toArray().map((part) => (part as Y.XmlElement).nodeName);
  const names = (): string[] => editor.state.doc.children.map((part) => part.type.name);

  beforeEach(() => {
    doc = new Y.Doc();
    other = new Y.Doc();
  });

  afterEach(() => {
    editor.destroy();
  });

  it("stays beside its character when something is put before the header", () => {
    openPlan();
    caretAfter(editor, "春天");
    remotely((fragment) => {
      fragment.insert(0, [paragraph("从别处来的一行")]);
    });
    expect(atCaret()).toBe("春天|来了");
    editor.commands.insertContent("，雪化了，");
    expect(atCaret()).toBe("春天，雪化了，|来了");
  });

  it("shows what stands before the header and leaves both where they are", () => {
    openPlan();
    remotely((fragment) => {
      fragment.insert(0, [paragraph("从别处来的一行")]);
    });
    expect(names()).toEqual(["paragraph", "header", "section"]);
    caretAfter(editor, "夏天");
    editor.commands.insertContent("真的");
    expect(parts()).toEqual(["paragraph", "header", "section"]);
    expect(editor.state.doc.child(1).textContent).toBe("小兴安岭");
  });

  it("shows two headers that met, and the header behind a section", () => {
    openPlan();
    remotely((fragment) => {
      fragment.insert(2, [element("header", { id: "h2" }, element("headerField", { id: "g", key: "title" }, new Y.XmlText("又一个")))]);
    });
    expect(names()).toEqual(["header", "section", "header"]);
    caretAfter(editor, "夏天");
    editor.commands.insertContent("真的");
    expect(parts()).toEqual(["header", "section", "header"]);
  });

  it.each([1, 2, 3])("stays when what stands before it is removed, in a plan without header (%i characters)", (count) => {
    open(paragraph("春天来了"), paragraph("夏天到了"));
    caretAfter(editor, "春天来");
    remotely((fragment) => {
      ((fragment.get(0) as Y.XmlElement).get(0) as Y.XmlText).delete(0, count);
    });
    expect(atCaret()).toBe(`${"春天来".slice(count)}|了`);
  });

  it.each([
    ["its line is removed", "春天", 0, 1, "|夏天到了"],
    ["its line and the next are removed", "春天", 0, 2, "|秋天"],
    ["the last lines of its section are removed", "秋", 1, 2, "春天来了|"],
  ])("goes to the nearest line when %s", (_what, place, from, count, expected) => {
    open(
      element("section", { id: "s" }, paragraph("春天来了"), paragraph("夏天到了"), paragraph("秋天")),
      element("section", { id: "t" }, paragraph("别的")),
    );
    caretAfter(editor, place);
    remotely((fragment) => {
      (fragment.get(0) as Y.XmlElement).delete(from, count);
    });
    expect(atCaret()).toBe(expected);
  });

  it("goes with its line into a frame and out again", () => {
    const line = (text: string) => element("paragraph", { id: "aaaaaaaaaa" }, new Y.XmlText(text));
    open(element("section", { id: "s" }, line("春天来了"), paragraph("夏天到了")));
    caretAfter(editor, "春天");
    remotely((fragment) => {
      const section = fragment.get(0) as Y.XmlElement;
      section.delete(0, 1);
      section.insert(0, [element("variant", { id: "v", side: "town" }, line("春天来了"))]);
    });
    expect(atCaret()).toBe("春天|来了");
    expect(editor.state.selection.$head.node(2).type.name).toBe("variant");
    remotely((fragment) => {
      const section = fragment.get(0) as Y.XmlElement;
      section.delete(0, 1);
      section.insert(0, [line("春天来了")]);
    });
    expect(atCaret()).toBe("春天|来了");
    editor.commands.insertContent("真的");
    expect(atCaret()).toBe("春天真的|来了");
  });

  it.each([
    ["夏天", "夏天写在断线时|到了"],
    ["夏天到了", "夏天到了写在断线时|"],
  ])("comes to stand behind what was typed into the line meanwhile (%s)", (place, expected) => {
    const line = (text: string) => element("paragraph", { id: "aaaaaaaaaa" }, new Y.XmlText(text));
    open(element("section", { id: "s" }, line("夏天到了"), paragraph("秋天")));
    caretAfter(editor, place);
    editor.commands.insertContent("写在断线时");
    remotely((fragment) => {
      const section = fragment.get(0) as Y.XmlElement;
      section.delete(0, 1);
      section.insert(0, [element("variant", { id: "v", side: "town" }, line("夏天到了"))]);
    });
    expect(atCaret()).toBe(expected.replace("写在断线时", ""));
    remotely((fragment) => {
      const variant = (fragment.get(0) as Y.XmlElement).get(0) as Y.XmlElement;
      ((variant.get(0) as Y.XmlElement).get(0) as Y.XmlText).insert(place.length, "写在断线时");
    });
    expect(atCaret()).toBe(expected);
  });

  it("is not put before the header by what is done here", () => {
    openPlan();
    const before = editor.state.doc;
    editor.commands.insertContentAt(0, { type: "paragraph", content: [{ type: "text", text: "上面" }] });
    expect(editor.state.doc.firstChild?.type.name).toBe("header");
    expect(editor.state.doc.eq(before)).toBe(true);
  });
});
