import type { Editor } from "@tiptap/core";

import type { SharedPlan } from "../collaboration";
import { required } from "../editor/elements";
import { closePanels } from "../editor/phone-bar";
import { Anchors } from "./anchors";
import type { Column } from "./column";
import { showBlocks, type DiscussionOptions } from "./extension";
import { ThreadLines } from "./lines";
import { blockLines } from "./places";

interface DiscussionData {
  id: string;
  urls: { threads: string };
}

/** The discussion of the plan on its page: anchors as soon as the text is there, the column after it. */
export class PlanDiscussion {
  readonly anchors = new Anchors();
  private readonly lines: ThreadLines;
  private column: Promise<Column> | null = null;
  private openColumn: () => Promise<Column> = () => Promise.reject(new Error("no editor yet"));

  constructor(private readonly data: DiscussionData) {
    this.lines = new ThreadLines(data.urls.threads);
    this.lines.subscribe((changed) => {
      this.anchors.know(changed);
    });
  }

  /** For the editor that is made meanwhile. */
  get options(): DiscussionOptions {
    return { anchors: this.anchors, pressed: (id) => void this.then((column) => { column.choose(id); }) };
  }

  attach(editor: Editor, shared: SharedPlan): void {
    this.openColumn = async () => {
      const { Column } = await import("./column");
      return new Column({
        editor,
        anchors: this.anchors,
        lines: this.lines,
        url: this.data.urls.threads,
        planId: this.data.id,
        fragment: shared.fragment,
        reveal,
      });
    };
    this.followRight(shared);
    this.lines.subscribe(() => {
      if (editor.isDestroyed) return;
      const open = this.lines.all().filter(({ state }) => state === "open");
      showBlocks(editor.view, blockLines(open));
      showCount(open.length);
      document.body.classList.toggle("may-comment", this.lines.mayComment);
    });
    this.connectSheet(editor);
    void this.then((column) => { followHash(column); });
  }

  /** Between phone and desk a button of the bar opens the column, on a phone one of the bottom bar. */
  private connectSheet(editor: Editor): void {
    const side = required("#side");
    required(".side-opener").addEventListener("click", () => {
      if (side.classList.contains("panel-open")) closePanels();
      else reveal();
    });
    for (const button of document.querySelectorAll("[data-panel=side]")) {
      button.addEventListener("click", () => void this.then((column) => { column.opened(); }));
    }
    side.addEventListener("click", (event) => {
      if ((event.target as Element).closest("[data-close-side]")) closePanels();
    });
    side.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      closePanels();
      editor.view.focus();
    });
  }

  write(): void {
    void this.then((column) => { column.write(); });
  }

  step(by: 1 | -1): void {
    void this.then((column) => { column.step(by); });
  }

  showPerson(id: number): void {
    void this.then((column) => { column.showPerson(id); });
  }

  private async then(act: (column: Column) => void): Promise<void> {
    this.column ??= this.openColumn();
    try {
      act(await this.column);
    } catch (error) {
      this.column = null; // the script did not come: the next press tries again
      throw error;
    }
  }

  /** What may be done, and whether we hear of anything, is another with another right. */
  private followRight(shared: SharedPlan): void {
    let { access } = shared.status.get();
    shared.status.subscribe((status) => {
      if (status.access === access) return;
      access = status.access;
      if (access !== "none") this.lines.reload();
    });
  }
}

/** Where the column is a sheet, it opens. */
function reveal(): void {
  const side = required("#side");
  if (getComputedStyle(side).display !== "none") return;
  closePanels();
  side.classList.add("panel-open");
  for (const button of document.querySelectorAll("[data-panel=side]")) button.setAttribute("aria-expanded", "true");
}

function showCount(open: number): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-open-threads]")) {
    place.hidden = open === 0;
    place.textContent = open > 99 ? "99+" : String(open);
  }
}

/** A notice leads to a thread: #thread-… */
function followHash(column: Column): void {
  const go = () => {
    const [, id] = /^#thread-([a-z0-9]{10})$/.exec(location.hash) ?? [];
    if (id) column.chooseWhenKnown(id);
  };
  addEventListener("hashchange", go);
  go();
}
