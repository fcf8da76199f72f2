import { button, element, icon } from "../editor/elements";
import { t } from "../shared/i18n";
import { SayForm } from "./say-form";
import type { Line, Said, Thread } from "./types";
import { avatar, shortened, time, unit, words } from "./words";

/** What a card asks of the column. */
export interface CardActs {
  people: string;
  choose: (id: string) => void;
  person: (id: number) => void;
  /** Changes something and shows what came of it; throws what is to be said in the form. */
  act: (path: string, method: "POST" | "PUT" | "DELETE", body?: unknown) => Promise<void>;
  whole: (id: string) => void;
  /** The card has another height now. */
  resized: () => void;
}

interface CardState {
  line: Line;
  /** Not here yet while it is being fetched. */
  thread: Thread | undefined;
  active: boolean;
  orphaned: boolean;
}

/** One thread: short, and as the chosen one with all that was said and what one may do. */
export class Card {
  readonly root = element("article", "anno-card");
  private shown = "";
  private form: SayForm | null = null;

  constructor(
    private readonly id: string,
    private readonly acts: CardActs,
  ) {
    this.root.dataset.thread = id;
    this.root.tabIndex = -1;
    this.root.addEventListener("click", (event) => {
      if (!(event.target as Element).closest("button, a, form")) acts.choose(id);
    });
  }

  show(state: CardState): void {
    const now = JSON.stringify(state);
    if (now === this.shown || (this.form && state.active)) return;
    this.shown = now;
    this.form = null;
    const { line, thread, active, orphaned } = state;
    this.root.className = `anno-card anno-card-${line.kind} is-${line.state}${active ? " is-active" : ""}`;
    this.root.setAttribute("aria-label", this.label(line, orphaned));
    if (active) this.root.setAttribute("aria-current", "true");
    else this.root.removeAttribute("aria-current");
    if (thread) this.root.replaceChildren(...(active ? this.whole(thread, orphaned) : this.short(thread, orphaned)));
    else this.root.replaceChildren(this.head(line), element("p", "dim sm", t("正在取…")));
  }

  private label(line: Line, orphaned: boolean): string {
    const name = line.kind === "question" ? t("第 {number} 条，问题", line as never) : t("第 {number} 条，批注", line as never);
    const state = line.state === "resolved" ? t("处理好了") : orphaned ? t("原文已删") : "";
    return [name, state].filter(Boolean).join("，");
  }

  private head(line: Line): HTMLElement {
    const head = element("header", "", element("span", "anno-no", String(line.number)));
    if (line.kind === "question") head.append(element("span", "chip chip-pen", t("问题")));
    return head;
  }

  private short(thread: Thread, orphaned: boolean): Node[] {
    const [first] = thread.comments;
    const head = this.head(thread);
    const nodes: Node[] = [head, ...this.about(thread, orphaned)];
    if (first) {
      head.append(avatar(first.author, this.acts.person), element("b", "", first.author.name), unit(first.author));
      const said = words(first);
      said.classList.add("anno-clamp");
      nodes.push(said);
    }
    const answers = thread.comments.length - 1 + thread.left_out;
    const parts = [
      answers > 0 ? t("{count} 条回复", { count: answers }) : "",
      thread.comments.some(({ kind, deleted }) => kind === "consensus" && !deleted) ? t("有共识") : "",
      thread.state === "resolved" ? t("处理好了") : "",
    ].filter(Boolean);
    const more = button({ label: parts.join(" · ") || t("看和回复"), className: "anno-more" });
    more.addEventListener("click", () => {
      this.acts.choose(this.id);
    });
    nodes.push(more);
    return nodes;
  }

  private whole(thread: Thread, orphaned: boolean): Node[] {
    const head = this.head(thread);
    const nodes: Node[] = [head, ...this.about(thread, orphaned)];
    thread.comments.forEach((said, index) => {
      nodes.push(this.said(said));
      if (index === 0 && thread.left_out > 0) nodes.push(this.leftOut(thread));
    });
    if (thread.state === "resolved") {
      const by = thread.resolved_by ? ` · ${thread.resolved_by.name}` : "";
      nodes.push(element("p", "anno-done", icon("check"), t("处理好了"), by));
    }
    const actions = this.actions(thread);
    if (actions.hasChildNodes()) nodes.push(actions);
    return nodes;
  }

  /** What it is about, where that does not stand beside it. */
  private about(thread: Thread, orphaned: boolean): Node[] {
    if (thread.place === "plan") return [element("p", "anno-about", t("对整份教案"))];
    const quote = shortened(thread.quote);
    if (orphaned) {
      const where = thread.section ? t("原文已删 · {section}", { section: thread.section }) : t("原文已删");
      return [element("p", "anno-about", element("span", "chip chip-mark", where)), element("blockquote", "anno-quote", quote)];
    }
    if (thread.place === "block") return [element("p", "anno-about", t("对这一段：{quote}", { quote }))];
    return [element("p", "anno-about", `“${shortened(thread.quote, 30)}”`)];
  }

  private leftOut(thread: Thread): HTMLElement {
    const more = button({ label: t("中间还有 {count} 条", { count: thread.left_out }), className: "btn btn-s btn-quiet" });
    more.addEventListener("click", () => {
      this.acts.whole(this.id);
    });
    return more;
  }

  private said(said: Said): HTMLElement {
    const head = element("header", "", avatar(said.author, this.acts.person), element("b", "", said.author.name), unit(said.author));
    if (said.kind === "viewpoint") head.append(element("span", "chip", t("观点")));
    if (said.kind === "consensus") head.append(element("span", "chip chip-board", t("共识")));
    const when = element("time", "dim", time(said.when) + (said.edited ? t("，改过") : ""));
    when.dateTime = said.when;
    head.append(when);
    const made = element("div", `anno-said anno-${said.kind}`, head, words(said));
    if (said.may_change) made.append(this.own(said, made));
    return made;
  }

  private own(said: Said, place: HTMLElement): HTMLElement {
    const change = button({ label: t("改"), className: "btn-link" });
    change.addEventListener("click", () => {
      this.openForm(place, t("改成"), t("改好"), said.text, (text, mentions) =>
        this.acts.act(`${this.id}/${said.id}`, "PUT", { text, mentions }),
      );
    });
    const remove = button({ label: t("删"), className: "btn-link" });
    remove.addEventListener("click", () => {
      if (remove.dataset.sure) void this.acts.act(`${this.id}/${said.id}`, "DELETE").catch((error: unknown) => { this.fail(error); });
      remove.dataset.sure = "yes";
      remove.textContent = t("真的删掉？再点一次");
    });
    return element("p", "anno-own", change, remove);
  }

  private actions(thread: Thread): HTMLElement {
    const acts = element("div", "anno-acts");
    const add = (label: string, className: string, run: () => void) => {
      const made = button({ label, className });
      made.addEventListener("click", run);
      acts.append(made);
    };
    const say = (label: string, send: string, kind: Said["kind"], text = "") => {
      this.openForm(acts, label, send, text, (words, mentions) =>
        this.acts.act(this.id, "POST", { text: words, mentions, kind }),
      );
    };
    if (thread.may_change_state) {
      const settled = thread.state === "resolved";
      add(settled ? t("再打开") : t("处理好了"), settled ? "btn btn-s" : "btn btn-s btn-soft", () => {
        const state = settled ? "open" : "resolved";
        void this.acts.act(`${this.id}/state`, "PUT", { state }).catch((error: unknown) => { this.fail(error); });
      });
    }
    if (!thread.may_reply) return acts;
    if (thread.kind === "question") {
      add(t("写观点"), "btn btn-s", () => { say(t("你的观点"), t("发表"), "viewpoint"); });
      if (thread.may_conclude) {
        const now = thread.comments.find(({ kind, deleted }) => kind === "consensus" && !deleted);
        add(now ? t("改共识") : t("写共识"), "btn btn-s", () => { say(t("大家的共识"), t("定下"), "consensus", now?.text); });
      }
    }
    add(t("回复"), "btn btn-s btn-quiet", () => { say(t("回复"), t("回复"), "plain"); });
    return acts;
  }

  private openForm(
    place: HTMLElement,
    label: string,
    send: string,
    text: string,
    submit: (text: string, mentions: number[]) => Promise<void>,
  ): void {
    this.form?.root.remove();
    const form = new SayForm({
      label,
      send,
      text,
      people: this.acts.people,
      submit: async (words, mentions) => {
        await submit(words, mentions);
        this.closeForm(form);
      },
      cancel: () => {
        this.closeForm(form);
      },
    });
    this.form = form;
    place.after(form.root);
    this.acts.resized();
    form.focus();
  }

  private closeForm(form: SayForm): void {
    if (this.form !== form) return;
    this.form = null;
    form.root.remove();
    this.shown = "";
    this.acts.resized();
    this.root.focus();
  }

  private fail(error: unknown): void {
    const line = element("p", "say-error", error instanceof Error ? error.message : String(error));
    line.setAttribute("role", "alert");
    this.root.append(line);
    this.acts.resized();
  }
}
