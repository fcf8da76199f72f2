import "../styles/editor/margin.scss";

import type { Editor } from "@tiptap/core";

import { afterPaint } from "../editor/after-paint";
import { button, element, required } from "../editor/elements";
import { bringIntoSight } from "../editor/in-sight";
import { t } from "../shared/i18n";
import type { Anchors } from "./anchors";
import { ask } from "./api";
import { Bodies } from "./bodies";
import { Card, type CardActs } from "./card";
import { positionOf } from "./chosen";
import { chosenLines, isOrphaned, type Filter } from "./filters";
import { Head } from "./head";
import { stack } from "./layout";
import type { ThreadLines } from "./lines";
import { passagesBy, type Passage } from "./passages";
import { PersonPanel } from "./person";
import { findPlaces } from "./places";
import type { Thread } from "./types";
import { Writing } from "./writing";

const WIDE = "(min-width: 1101px)";
const NARROW = "(max-width: 760px)";
const PAGE = 20;
/** So many cards at most stand beside the text. */
const BESIDE = 40;
const PLAN_CARDS = 3;

export interface ColumnParts {
  editor: Editor;
  anchors: Anchors;
  lines: ThreadLines;
  url: string;
  planId: string;
  fragment: Parameters<typeof passagesBy>[0];
  /** Opens the column where it is a sheet. */
  reveal: () => void;
}

/** 复备栏: the threads beside their text, or, in the sheet of a small screen and behind a filter, as a list. */
export class Column {
  private readonly root = required("#side");
  private readonly list = element("div", "anno-cards");
  private readonly head = new Head({
    filter: (filter) => {
      this.setFilter(filter);
      this.show();
    },
    step: (by) => { this.step(by); },
  });
  private readonly cards = new Map<string, Card>();
  private readonly bodies: Bodies;
  private readonly wide = matchMedia(WIDE);
  /** The sheet covers the lower half: the text is shown above it. */
  private readonly narrow = matchMedia(NARROW);
  private readonly inSight = new Set<Element>();
  private readonly watched = new Set<Element>();
  private readonly watcher: IntersectionObserver;
  private places: Map<string, HTMLElement> = new Map();
  private filter: Filter = "open";
  private active = "";
  private pages = 1;
  private writing: Writing | null = null;
  private person: PersonPanel | null = null;

  constructor(private readonly parts: ColumnParts) {
    this.bodies = new Bodies(parts.url, (threads) => {
      this.take(threads);
    });
    this.watcher = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) this.inSight[isIntersecting ? "add" : "delete"](target);
        this.refresh();
      },
      { rootMargin: "50% 0px" },
    );
    this.root.replaceChildren(this.head.root, this.list);
    parts.anchors.subscribe(this.refresh);
    parts.lines.subscribe((changed) => {
      this.bodies.forget(changed.map(({ id }) => id));
      this.refresh();
    });
    parts.editor.on("update", this.refresh);
    this.wide.addEventListener("change", this.refresh);
    addEventListener("resize", this.refresh);
    new ResizeObserver(this.refresh).observe(parts.editor.view.dom);
    this.show();
  }

  // ---- what others ask of it ------------------------------------------------------------------------------------

  /** The sheet was opened. */
  opened(): void {
    this.show();
  }

  /** Shows one thread and its text. */
  choose(id: string, from: "text" | "column" = "text"): void {
    const line = this.parts.lines.get(id);
    if (!line) return;
    this.person = null;
    this.activate(id);
    if (!chosenLines([line], this.filter, this.places).length) this.setFilter("all");
    if (from === "column") this.scrollToText(id);
    else this.parts.reveal();
    this.show();
    if (from === "text" && !this.beside) this.card(id).root.scrollIntoView({ block: "nearest" });
  }

  /** The page was opened for one thread: once it is known and its text is there. */
  chooseWhenKnown(id: string): void {
    const go = () => {
      if (!this.parts.lines.get(id)) return false;
      this.choose(id, "column");
      this.parts.reveal();
      this.show();
      return true;
    };
    let done = go();
    if (!done) this.parts.lines.subscribe(() => { done ||= go(); });
  }

  /** The next or previous thread of the filter, in the order of the text. */
  step(by: 1 | -1): void {
    const ids = this.ids();
    if (ids.length === 0) return;
    const at = ids.indexOf(this.active);
    const next = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length]!;
    this.pages = Math.max(this.pages, Math.ceil((ids.indexOf(next) + 1) / PAGE));
    this.activate(next);
    this.scrollToText(next);
    this.parts.reveal();
    this.show();
    this.card(next).root.focus({ preventScroll: this.beside });
  }

  /** Opens the form for the words that are chosen, or else for the block of the caret or the whole plan. */
  write(): void {
    if (!this.parts.lines.mayComment) return;
    this.person = null;
    this.activate("");
    this.writing = new Writing(this.parts, {
      said: (thread) => {
        this.take([thread]);
        this.activate(thread.id);
        this.show();
        this.card(thread.id).root.focus({ preventScroll: this.beside });
      },
      closed: () => {
        this.writing = null;
        this.show();
      },
    });
    this.parts.reveal();
    this.show();
    this.writing.form.focus();
  }

  showPerson(id: number): void {
    this.parts.reveal();
    this.person = new PersonPanel(`${this.parts.url}/people/${id}`, {
      close: () => {
        this.person = null;
        this.show();
      },
      thread: (thread) => { this.choose(thread, "column"); },
      passage: (passage) => { this.goTo(passage); },
      passages: (clients) => passagesBy(this.parts.fragment, clients),
      sectionTitle: (key) => this.sectionTitle(key),
    });
    this.show();
  }

  private readonly acts: CardActs = {
    people: "",
    choose: (id) => { this.choose(id, "column"); },
    person: (id) => { this.showPerson(id); },
    act: async (path, method, body) => {
      this.take([await ask<Thread>(`${this.parts.url}/${path}`, method, body)]);
    },
    whole: (id) => { void this.bodies.fetchWhole(id); },
    resized: () => { this.refresh(); },
  };

  private take(threads: readonly Thread[]): void {
    for (const thread of threads) {
      this.bodies.put(thread);
      const { id, number, kind, state, place, block, mine, names_me } = thread;
      this.parts.lines.put({ id, number, kind, state, place, block, mine, names_me });
      this.bodies.put(thread);
    }
    this.refresh();
  }

  // ---- showing --------------------------------------------------------------------------------------------------------

  private get beside(): boolean {
    return this.wide.matches && this.filter === "open" && this.person === null;
  }

  private readonly refresh = afterPaint(() => {
    if (!this.parts.editor.isDestroyed) this.show();
  });

  private show(): void {
    this.head.count(this.parts.lines);
    if (this.root.getClientRects().length === 0) return; // a sheet that is closed
    this.places = findPlaces(this.parts.editor.view.dom, this.parts.lines);
    this.root.classList.toggle("is-beside", this.beside);
    this.writing?.form.refresh();
    if (this.person) {
      this.list.replaceChildren(this.person.root);
      return;
    }
    this.watch();
    const ids = this.ids();
    const shown = this.beside ? this.idsInSight(ids) : ids.slice(0, this.pages * PAGE);
    this.bodies.want(shown);
    const nodes: HTMLElement[] = shown.map((id) => this.card(id).root);
    for (const id of shown) this.showCard(id);
    this.placeDraft(nodes, shown);
    if (ids.length === 0 && !this.writing) nodes.push(this.empty());
    if (!this.beside && ids.length > shown.length) nodes.push(this.more(ids.length - shown.length));
    this.head.elsewhere(this.beside ? this.parts.lines.all() : [], this.places, PLAN_CARDS);
    replace(this.list, nodes);
    this.arrange(nodes);
  }

  private ids(): string[] {
    return chosenLines(this.parts.lines.all(), this.filter, this.places, this.active).map(({ id }) => id);
  }

  /** About the whole plan the first few; of the others those whose text is in sight, and the chosen one. */
  private idsInSight(ids: readonly string[]): string[] {
    let whole = 0;
    return ids
      .filter((id) => {
        if (id === this.active) return true;
        const place = this.places.get(id);
        if (place) return this.inSight.has(place);
        whole += 1;
        return whole <= PLAN_CARDS;
      })
      .slice(0, BESIDE);
  }

  private watch(): void {
    const now = new Set<Element>(this.wide.matches ? this.places.values() : []);
    for (const element of this.watched) {
      if (now.has(element)) continue;
      this.watched.delete(element);
      this.inSight.delete(element);
      this.watcher.unobserve(element);
    }
    for (const element of now) {
      if (this.watched.has(element)) continue;
      this.watched.add(element);
      this.watcher.observe(element);
    }
  }

  private card(id: string): Card {
    let card = this.cards.get(id);
    if (!card) {
      card = new Card(id, { ...this.acts, people: this.parts.url });
      this.cards.set(id, card);
    }
    return card;
  }

  private showCard(id: string): void {
    const line = this.parts.lines.get(id)!;
    const orphaned = isOrphaned(line, this.places);
    this.card(id).show({ line, thread: this.bodies.get(id), active: id === this.active, orphaned });
  }

  /** Beside the text the draft stands where its words are, in a list at the top. */
  private placeDraft(nodes: HTMLElement[], shown: readonly string[]): void {
    if (!this.writing) return;
    const { root } = this.writing.form;
    const at = this.parts.editor.view.dom.querySelector(".anno-chosen");
    if (!this.beside || !at) {
      nodes.unshift(root);
      return;
    }
    const after = shown.findIndex((id) => {
      const place = this.places.get(id);
      return place !== undefined && (at.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    });
    nodes.splice(after < 0 ? shown.length : after, 0, root);
  }

  private arrange(nodes: readonly HTMLElement[]): void {
    if (!this.beside) {
      for (const node of nodes) node.style.removeProperty("top");
      return;
    }
    const top = this.list.getBoundingClientRect().top;
    const wanted = (node: HTMLElement): number => {
      if (node === this.writing?.form.root) return topOf(this.parts.editor.view.dom.querySelector(".anno-chosen"), top);
      const id = node.dataset.thread;
      return id ? topOf(this.places.get(id), top) : 0;
    };
    const cards = nodes.filter((node) => node.classList.contains("anno-card"));
    const boxes = cards.map((node) => ({ wanted: wanted(node), height: node.offsetHeight }));
    const places = stack(boxes, cards.findIndex((node) => node.classList.contains("is-active")));
    cards.forEach((node, index) => {
      node.style.top = `${Math.round(places[index]!)}px`;
    });
  }

  private setFilter(filter: Filter): void {
    this.filter = filter;
    this.head.show(filter);
    this.pages = 1;
    this.person = null;
  }

  private empty(): HTMLElement {
    const { lines } = this.parts;
    if (!lines.loaded) return element("p", "dim sm anno-empty", t("正在取讨论…"));
    if (this.filter !== "open") return element("p", "dim sm anno-empty", t("这里没有讨论"));
    const how = lines.mayComment ? t("选中几个字，点“写批注”，对着它说。") : t("你可以看讨论；要批注，请主人把你加为“可以批注”。");
    return element("p", "dim sm anno-empty", t("没有没处理的讨论。"), how);
  }

  private more(count: number): HTMLElement {
    const made = button({ label: t("再看 {count} 条", { count: Math.min(PAGE, count) }), className: "btn" });
    made.addEventListener("click", () => {
      this.pages += 1;
      this.show();
    });
    return element("p", "anno-page", made);
  }

  // ---- the text -----------------------------------------------------------------------------------------------------------

  private activate(id: string): void {
    this.active = id;
    this.parts.anchors.choose(id);
  }

  private scrollToText(id: string): void {
    const place = this.places.get(id) ?? findPlaces(this.parts.editor.view.dom, this.parts.lines).get(id);
    if (place) bringIntoSight(place, this.narrow.matches ? "start" : "center");
  }

  private goTo(passage: Passage): void {
    const { editor } = this.parts;
    const position = positionOf(editor.state, passage.first);
    if (position === null) return;
    const { node } = editor.view.domAtPos(position + 1);
    const place = node instanceof HTMLElement ? node : node.parentElement;
    const block = place?.closest<HTMLElement>("p");
    if (!block) return;
    bringIntoSight(block, this.narrow.matches ? "start" : "center");
    block.classList.add("anno-found");
    setTimeout(() => { block.classList.remove("anno-found"); }, 2_000);
  }

  private sectionTitle(key: string): string {
    let title = "";
    this.parts.editor.state.doc.forEach((node) => {
      if (node.type.name === "section" && node.attrs.key === key) title = String(node.attrs.title);
    });
    return title;
  }
}

/** Keeps the elements that stay where they are: a field in one of them keeps its focus. */
function replace(parent: HTMLElement, nodes: readonly HTMLElement[]): void {
  for (const child of [...parent.children]) if (!nodes.includes(child as HTMLElement)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}

function topOf(place: Element | null | undefined, top: number): number {
  return place ? place.getBoundingClientRect().top - top : 0;
}
