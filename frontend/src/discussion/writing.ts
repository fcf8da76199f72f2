import type { Editor } from "@tiptap/core";

import { t } from "../shared/i18n";
import { ask, Refused } from "./api";
import { choose, chosenNow, quoteOf, type Chosen } from "./chosen";
import { Draft, type About } from "./draft";
import { showChosen } from "./extension";
import type { Thread } from "./types";

interface Place {
  editor: Editor;
  url: string;
  planId: string;
}

interface Ends {
  said: (thread: Thread) => void;
  closed: () => void;
}

/** A thread being begun: what it is about, followed through all that others do, and the form. */
export class Writing {
  readonly form: Draft;
  private readonly chosen: Chosen | null;
  private readonly block: string;

  constructor(
    private readonly place: Place,
    private readonly ends: Ends,
  ) {
    const { editor, url } = place;
    this.chosen = choose(editor.state);
    this.block = blockAt(editor);
    const choices: About[] = ["plan"];
    if (this.block) choices.unshift("block");
    if (this.chosen) choices.unshift("text");
    this.form = new Draft({
      people: url,
      kept: this.kept(),
      choices,
      quote: () => (this.chosen ? quoteOf(editor.state, this.chosen) : ""),
      submit: (said) => this.submit(said),
      keep: (text) => {
        this.keep(text);
      },
      cancel: () => {
        this.close();
      },
    });
    showChosen(editor.view, this.chosen);
  }

  private async submit({ about, ...said }: { about: About; kind: string; text: string; mentions: number[] }): Promise<void> {
    const thread = await ask<Thread>(this.place.url, "POST", { ...said, ...this.what(about) });
    this.keep("");
    this.close();
    this.ends.said(thread);
  }

  private what(about: About): object {
    if (about === "plan") return {};
    if (about === "block") return { block: this.block };
    const { state } = this.place.editor;
    const chosen = chosenNow(state, this.chosen ?? { spans: [] });
    const quote = quoteOf(state, chosen);
    if (!quote) throw new Refused(t("选中的文字刚被删掉了，请另选一处，或对整份教案说"), 409);
    return { spans: chosen.spans, quote };
  }

  private close(): void {
    showChosen(this.place.editor.view, null);
    this.ends.closed();
  }

  private get keptUnder(): string {
    return `draft:${this.place.planId}`;
  }

  /** What was written and not sent outlives the page. */
  private kept(): string {
    try {
      return sessionStorage.getItem(this.keptUnder) ?? "";
    } catch {
      return "";
    }
  }

  private keep(text: string): void {
    try {
      if (text) sessionStorage.setItem(this.keptUnder, text);
      else sessionStorage.removeItem(this.keptUnder);
    } catch {
      // storage is closed: it stays on the page
    }
  }
}

function blockAt({ state: { selection } }: Editor): string {
  const selected = "node" in selection ? (selection.node as { attrs: Record<string, unknown> }) : null;
  if (typeof selected?.attrs.id === "string") return selected.attrs.id;
  for (let depth = selection.$from.depth; depth > 0; depth -= 1) {
    const { attrs } = selection.$from.node(depth);
    if (typeof attrs.id === "string") return attrs.id;
  }
  return "";
}
