import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";

/** A click on the box in front of a task ticks it; the box is drawn by the style sheet in the indent. */
export const TaskBoxes = Extension.create({
  name: "taskBoxes",

  addProseMirrorPlugins() {
    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            mousedown: (view, event) => {
              const line = event.target;
              if (!(line instanceof HTMLElement) || line.dataset.kind !== "task" || !view.editable) return false;
              const indent = Number.parseFloat(getComputedStyle(line).paddingLeft);
              if (event.clientX - line.getBoundingClientRect().left > indent) return false;
              const pos = view.posAtDOM(line, 0) - 1;
              view.dispatch(view.state.tr.setNodeAttribute(pos, "checked", !line.hasAttribute("data-checked")));
              event.preventDefault();
              return true;
            },
          },
        },
      }),
    ];
  },
});
