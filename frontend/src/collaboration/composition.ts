import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";

/** ProseMirror reads the composed text from the page a moment after the end of a composition. */
const SETTLING = 60;

export interface CompositionOptions {
  hold: (waiting: boolean) => void;
}

/**
 * Remote changes before or at the text being composed would restart the input method and leave its raw letters
 * behind (「ninih你好」). So they wait until the composition is over, however long it takes.
 */
export const CompositionHold = Extension.create<CompositionOptions>({
  name: "compositionHold",

  addOptions: () => ({ hold: () => undefined }),

  addProseMirrorPlugins() {
    const { hold } = this.options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    return [
      new Plugin({
        key: new PluginKey("composition-hold"),
        props: {
          handleDOMEvents: {
            compositionstart: () => {
              clearTimeout(timer);
              hold(true);
              return false;
            },
            compositionend: (view) => {
              clearTimeout(timer);
              const release = (): void => {
                if (!view.isDestroyed && view.composing) timer = setTimeout(release, SETTLING);
                else hold(false);
              };
              timer = setTimeout(release, SETTLING);
              return false;
            },
          },
        },
        view: () => ({
          destroy: () => {
            clearTimeout(timer);
            hold(false);
          },
        }),
      }),
    ];
  },
});
