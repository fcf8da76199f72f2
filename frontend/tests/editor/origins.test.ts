import { Editor } from "@tiptap/core";
import { afterEach, expect, test, vi } from "vitest";
import { Origins, showOrigins } from "../../src/editor/origins";
import { SCHEMA } from "../../src/editor/schema";
import "./make-editor";

afterEach(() => {
  vi.unstubAllGlobals();
});

const plan = {
  type: "doc",
  content: ["a", "b"].map((id) => ({
    type: "section",
    attrs: { id, key: "", title: id },
    content: [{ type: "paragraph", attrs: { id: `${id}1` } }],
  })),
};

function withOrigins(): Editor {
  const element = document.createElement("div");
  return new Editor({ element, injectCSS: false, extensions: [...SCHEMA, Origins], content: plan });
}

function answer(body: unknown, ok = true): void {
  vi.stubGlobal("fetch", () => Promise.resolve({ ok, json: () => Promise.resolve(body) }));
}

test("where a section came from is shown beside it, and stays while one types", async () => {
  const editor = withOrigins();
  const before = editor.getJSON();
  answer({ parts: { b: ["来自共案第3版", "改过"] } });
  await showOrigins(editor, "/origins/");
  const told = () => [...editor.view.dom.querySelectorAll<HTMLElement>("section")].map((one) => one.dataset.origin);
  expect(told()).toEqual([undefined, "来自共案第3版 · 改过"]);
  expect(editor.getJSON()).toEqual(before);
  editor.commands.insertContentAt(2, "写");
  expect(told()).toEqual([undefined, "来自共案第3版 · 改过"]);
});

test("nothing is shown when the server does not answer", async () => {
  const editor = withOrigins();
  answer({}, false);
  await showOrigins(editor, "/origins/");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
  await showOrigins(editor, "/origins/");
  expect(editor.view.dom.querySelector("[data-origin]")).toBeNull();
});
