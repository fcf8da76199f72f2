import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";

/** Esc, then Tab: the next Tab leaves the text instead of moving inside it. Nobody is trapped in a table. */
export const LeaveKeys = Extension.create({
  name: "leaveKeys",
  priority: 1100,

  addProseMirrorPlugins() {
    let leaving = false;
    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            keydown: (_view, event) => {
              if (event.key === "Escape") leaving = true;
              else if (event.key !== "Tab" && event.key !== "Shift") leaving = false;
              else if (leaving && event.key === "Tab") {
                leaving = false;
                // handled for the editor, not prevented: the browser moves the focus
                return true;
              }
              return false;
            },
            mousedown: () => {
              leaving = false;
              return false;
            },
          },
        },
      }),
    ];
  },
});
