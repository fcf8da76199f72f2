import { Extension } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { Plugin, PluginKey, type PluginView } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";

/** From this size of the document on only what is in sight is drawn (styles/editor/_long.scss). */
const LONG = 30_000;
/** A text with so many anchors of comments is as slow to lay out as a long one. */
const MANY_ANCHORS = 200;
/** A section is in sight this far above and below the window: the browser draws ahead. */
const AHEAD = "100%";
const COMPOSING_PAUSE = 200;

const key = new PluginKey<Sight>("longPlan");

interface Sight {
  /** The ids of the sections in sight. */
  sections: ReadonlySet<string>
  decorations: DecorationSet
}

const NOTHING: Sight = { sections: new Set(), decorations: DecorationSet.empty };

function draw(doc: ProseMirrorNode, sections: ReadonlySet<string>): Sight {
  const found: Decoration[] = [];
  doc.forEach((node, pos) => {
    if (node.type.name === "section" && sections.has(String(node.attrs.id))) {
      found.push(Decoration.node(pos, pos + node.nodeSize, { class: "in-sight" }));
    }
  });
  return { sections, decorations: DecorationSet.create(doc, found) };
}

/** In a long plan, marks the sections in sight: their lines are watched one by one, those of the others are not. */
export const LongPlan = Extension.create({
  name: "longPlan",

  addProseMirrorPlugins: () => [
    new Plugin<Sight>({
      key,
      state: {
        init: () => NOTHING,
        apply: (tr, sight) => {
          const sections = tr.getMeta(key) as ReadonlySet<string> | undefined;
          if (sections) return draw(tr.doc, sections);
          return tr.docChanged && sight.sections.size > 0 ? draw(tr.doc, sight.sections) : sight;
        },
      },
      props: { decorations: (state) => key.getState(state)?.decorations },
      view: (view) => ("IntersectionObserver" in globalThis ? new Watcher(view) : {}),
    }),
  ],
});

class Watcher implements PluginView {
  private readonly seen = new Set<Element>();
  private readonly observer: IntersectionObserver | undefined;
  private readonly watched = new Set<Element>();
  /** Kept up to date by the browser, and counted only when asked. */
  private readonly anchors: HTMLCollectionOf<Element>;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly view: EditorView) {
    this.anchors = view.dom.getElementsByClassName("anno-place");
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) this.seen[isIntersecting ? "add" : "delete"](target);
        this.tell();
      },
      { rootMargin: `${AHEAD} 0px` },
    );
    this.update();
  }

  update(): void {
    const long = this.view.state.doc.content.size > LONG || this.anchors.length > MANY_ANCHORS;
    this.view.dom.parentElement?.classList.toggle("is-long", long);
    const sections = long ? this.view.dom.querySelectorAll(":scope > .sec") : [];
    for (const section of sections) {
      if (this.watched.has(section)) continue;
      this.watched.add(section);
      this.observer?.observe(section);
    }
  }

  destroy(): void {
    this.observer?.disconnect();
    clearTimeout(this.timer);
  }

  private tell(): void {
    clearTimeout(this.timer);
    if (this.view.composing) {
      this.timer = setTimeout(() => {
        this.tell();
      }, COMPOSING_PAUSE);
      return;
    }
    const sections = [...this.seen].filter((section) => section.isConnected);
    const ids = new Set(sections.map((section) => (section as HTMLElement).dataset.id ?? ""));
    this.view.dispatch(this.view.state.tr.setMeta(key, ids).setMeta("addToHistory", false));
  }
}
