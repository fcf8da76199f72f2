// An editor on Hocuspocus as the documentation of its provider and of Tiptap shows it; #… names the document.
import { HocuspocusProvider } from "@hocuspocus/provider";
import { Editor, Node } from "@tiptap/core";
import { Collaboration } from "@tiptap/extension-collaboration";
import { Document } from "@tiptap/extension-document";
import { Text } from "@tiptap/extension-text";
import * as Y from "yjs";

const Paragraph = Node.create({
  name: "paragraph",
  group: "block",
  content: "inline*",
  parseHTML: () => [{ tag: "p" }],
  renderHTML: () => ["p", 0],
});

const doc = new Y.Doc();
new HocuspocusProvider({ url: `ws://${location.host}`, name: location.hash.slice(1), document: doc });
new Editor({
  element: document.querySelector("#editor"),
  extensions: [Document, Paragraph, Text, Collaboration.configure({ document: doc, field: "default" })],
});
