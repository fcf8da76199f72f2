import { Mark } from "@tiptap/core";

export const Strike = Mark.create({
  name: "strike",
  parseHTML: () => ["s", "del", "strike"].map((tag) => ({ tag })),
  renderHTML: () => ["s", 0],
  addKeyboardShortcuts() {
    return { "Mod-Shift-x": () => this.editor.commands.toggleMark(this.name) };
  },
});
