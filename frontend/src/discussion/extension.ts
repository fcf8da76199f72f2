import { Extension } from "@tiptap/core";
import { Fragment, type Node, Slice } from "@tiptap/pm/model";
import { Plugin, PluginKey, type EditorState } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";

import { Anchors } from "./anchors";
import { rangesOf, type Chosen } from "./chosen";
import type { Line } from "./types";

/** Threads about blocks, by the block's id: its open ones. */
export type BlockLines = ReadonlyMap<string, readonly Line[]>;

interface Shown {
  chosen: Chosen | null;
  blocks: BlockLines;
  decorations: DecorationSet;
}

const key = new PluginKey<Shown>("discussion");

export interface DiscussionOptions {
  anchors: Anchors;
  /** Somebody pressed the anchor of a thread. */
  pressed: (id: string) => void;
}

/** Draws the anchors of threads, and the words that a comment is being written about. */
export const Discussion = Extension.create<DiscussionOptions>({
  name: "discussion",

  addOptions: () => ({ anchors: new Anchors(), pressed: () => undefined }),

  addProseMirrorPlugins() {
    const { anchors, pressed } = this.options;
    return [
      new Plugin<Shown>({
        key,
        state: {
          init: () => ({ chosen: null, blocks: new Map(), decorations: DecorationSet.empty }),
          apply: (tr, shown, _before, state) => {
            const change = tr.getMeta(key) as Partial<Shown> | undefined;
            const empty = shown.chosen === null && shown.blocks.size === 0;
            if (!change && (!tr.docChanged || empty)) return shown;
            const next = { ...shown, ...change };
            // what is typed here is not in the shared document yet
            if (!change && !isRemote(state)) return { ...next, decorations: shown.decorations.map(tr.mapping, tr.doc) };
            return { ...next, decorations: draw(state, next) };
          },
        },
        props: {
          markViews: { comment: anchors.view },
          decorations: (state) => key.getState(state)?.decorations,
          transformPasted: (slice, view) => (view.dragging?.move ? slice : withoutForeign(slice, anchors)),
          handleDOMEvents: {
            click: (_view, event) => {
              const id = pressedThread(event, anchors);
              if (id) pressed(id);
              return false;
            },
          },
        },
      }),
    ];
  },
});

/** The words that are being commented on are shown while the form is open. */
export function showChosen(view: EditorView, chosen: Chosen | null): void {
  view.dispatch(view.state.tr.setMeta(key, { chosen }).setMeta("addToHistory", false));
}

export function showBlocks(view: EditorView, blocks: BlockLines): void {
  if (blocks.size === 0 && key.getState(view.state)?.blocks.size === 0) return;
  view.dispatch(view.state.tr.setMeta(key, { blocks }).setMeta("addToHistory", false));
}

function isRemote(state: EditorState): boolean {
  return (ySyncPluginKey.getState(state) as { isChangeOrigin?: boolean } | undefined)?.isChangeOrigin === true;
}

function draw(state: EditorState, { chosen, blocks }: Shown): DecorationSet {
  const found: Decoration[] = [];
  for (const { from, to } of chosen ? rangesOf(state, chosen) : []) {
    found.push(Decoration.inline(from, Math.min(to, state.doc.content.size), { class: "anno-chosen" }));
  }
  if (blocks.size > 0) {
    state.doc.descendants((node, position) => {
      const lines = blocks.get(String(node.attrs.id));
      if (lines) found.push(Decoration.node(position, position + node.nodeSize, blockAttributes(lines)));
      return !node.isTextblock;
    });
  }
  return DecorationSet.create(state.doc, found);
}

function blockAttributes(lines: readonly Line[]): Record<string, string> {
  return {
    class: "anno-block",
    "data-threads": lines.map(({ id }) => id).join(" "),
    "data-number": lines.map(({ number }) => number).join(" "),
  };
}

/**
 * Marks of threads that are not of this plan, and of those whose text stands here still: a copy of a passage carries
 * no second anchor, one that was cut out takes its anchor along.
 */
function withoutForeign(slice: Slice, anchors: Anchors): Slice {
  const clean = (content: Fragment): Fragment => {
    const nodes: Node[] = [];
    content.forEach((node) => {
      const marks = node.marks.filter(({ type, attrs }) => type.name !== "comment" || anchors.mayComeBack(String(attrs.id)));
      nodes.push(node.isText ? node.mark(marks) : node.copy(clean(node.content)));
    });
    return Fragment.from(nodes);
  };
  return new Slice(clean(slice.content), slice.openStart, slice.openEnd);
}

/** Of several that overlap the innermost; pressed again, the next one outward. */
function pressedThread(event: Event, anchors: Anchors): string {
  const target = event.target instanceof Element ? event.target : null;
  const around: string[] = [];
  for (let at = target?.closest<HTMLElement>(".anno"); at; at = at.parentElement?.closest<HTMLElement>(".anno")) {
    if (at.dataset.comment) around.push(at.dataset.comment);
  }
  const next = around[around.indexOf(anchors.chosen) + 1] ?? around[0];
  if (next) return next;
  const block = target?.closest<HTMLElement>(".anno-block");
  return block === target ? (block?.dataset.threads?.split(" ")[0] ?? "") : "";
}
