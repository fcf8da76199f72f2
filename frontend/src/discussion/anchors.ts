import type { Mark } from "@tiptap/pm/model";
import type { MarkView } from "@tiptap/pm/view";

import { afterPaint } from "../editor/after-paint";
import type { Line } from "./types";

/**
 * Where threads stand in the text, as it is drawn. A mark is dressed only if the page knows an open thread of its id:
 * rows are the truth, and whatever a client may have written into the text shows nothing by itself.
 */
export class Anchors {
  private readonly lines = new Map<string, Line>();
  private readonly views = new Map<string, Set<AnchorView>>();
  private readonly seen = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private readonly dirty = new Set<string>();
  private active = "";

  /** Calls `listen` after anchors came, went or moved; not for each one. */
  subscribe(listen: () => void): void {
    this.listeners.add(listen);
  }

  // ---- what is known of the threads ---------------------------------------------------------------------------

  know(lines: Iterable<Line>): void {
    for (const line of lines) {
      this.lines.set(line.id, line);
      this.dress(line.id);
    }
    this.settle();
  }

  /** The thread that the person looks at. */
  choose(id: string): void {
    if (id === this.active) return;
    const before = this.active;
    this.active = id;
    for (const one of [before, id]) this.dress(one);
  }

  get chosen(): string {
    return this.active;
  }

  // ---- what is asked of the text --------------------------------------------------------------------------------

  isAnchored(id: string): boolean {
    return (this.views.get(id)?.size ?? 0) > 0;
  }

  /** A mark of this id may be pasted: its text was cut out of this plan a moment ago. */
  mayComeBack(id: string): boolean {
    return this.seen.has(id) && !this.isAnchored(id);
  }

  /** The elements of one thread, in the order of the text. */
  elements(id: string): HTMLElement[] {
    return [...(this.views.get(id) ?? [])].map(({ dom }) => dom).sort(inOrder);
  }

  // ---- views ------------------------------------------------------------------------------------------------------

  readonly view = (mark: Mark): MarkView => new AnchorView(this, String(mark.attrs.id ?? ""));

  /** Dressed at once, for the first sight of it; where the number stands is looked at when all have come. */
  come(view: AnchorView): void {
    const views = this.views.get(view.id) ?? new Set();
    views.add(view);
    this.views.set(view.id, views);
    this.seen.add(view.id);
    this.clothe(view.dom, view.id, views.size === 1);
    if (views.size > 1) this.dirty.add(view.id);
    this.settle();
  }

  go(view: AnchorView): void {
    const views = this.views.get(view.id);
    views?.delete(view);
    if (views?.size === 0) this.views.delete(view.id);
    this.dirty.add(view.id);
    this.settle();
  }

  private readonly settle = afterPaint(() => {
    for (const id of this.dirty) this.dress(id);
    this.dirty.clear();
    for (const listen of this.listeners) listen();
  });

  private dress(id: string): void {
    const elements = this.elements(id);
    elements.forEach((dom, index) => {
      this.clothe(dom, id, index === elements.length - 1);
    });
  }

  private clothe(dom: HTMLElement, id: string, last: boolean): void {
    const line = this.lines.get(id);
    const active = id === this.active;
    const shown = line !== undefined && (line.state === "open" || active);
    set(dom, "class", `anno-place${shown ? ` anno anno-${line.kind}${active ? " anno-active" : ""}` : ""}`);
    set(dom, "data-number", shown && last ? String(line.number) : null);
  }
}

class AnchorView implements MarkView {
  readonly dom = document.createElement("span");
  readonly contentDOM = this.dom;

  constructor(
    private readonly anchors: Anchors,
    readonly id: string,
  ) {
    this.dom.dataset.comment = id;
    anchors.come(this);
  }

  /** How it is dressed is no change of the text. */
  ignoreMutation(mutation: { type: string; target: unknown }): boolean {
    return mutation.type === "attributes" && mutation.target === this.dom;
  }

  destroy(): void {
    this.anchors.go(this);
  }
}

function inOrder(one: Node, other: Node): number {
  if (one === other) return 0;
  return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}

function set(element: HTMLElement, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}
