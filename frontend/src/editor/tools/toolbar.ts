import type { Editor } from "@tiptap/core";
import { isInTable } from "@tiptap/pm/tables";
import { t } from "../../shared/i18n";
import type { ParagraphKind } from "../nodes/paragraph";
import { afterPaint } from "../after-paint";
import { required } from "../elements";
import { closePanels } from "../phone-bar";
import { ACTIONS } from "./actions";
import { selectedParagraphs, sharedKind } from "./paragraphs";

/** Tools that open something: what they do is known to the page. */
export type Openers = Readonly<Record<string, () => void>>

function kindName(kind: ParagraphKind | null): string {
  const names: Record<ParagraphKind, string> = {
    body: t("正文"),
    heading: t("标题"),
    subheading: t("小标题"),
    bullet: t("项目列表"),
    ordered: t("编号列表"),
    task: t("任务列表"),
  };
  return kind ? names[kind] : t("多种");
}

/** A press leaves the focus, and with it the selection, in the text. */
function keepFocus(target: HTMLElement): void {
  target.addEventListener("mousedown", (event) => {
    event.preventDefault();
  });
}

/** The strip of tools above the sheet (on phones above the bottom bar). */
export class Toolbar {
  private readonly buttons: HTMLButtonElement[];
  private readonly kind: HTMLElement;
  private readonly tableTools: HTMLElement;

  constructor(
    private readonly editor: Editor,
    private readonly root: HTMLElement,
    private readonly openers: Openers,
  ) {
    this.buttons = [...document.querySelectorAll<HTMLButtonElement>("button[data-act]")];
    this.kind = required("[data-kind-name]", root);
    this.tableTools = required("[data-table-tools]", root);
    for (const button of this.buttons) this.connect(button);
    for (const summary of root.querySelectorAll("summary")) keepFocus(summary);
    root.addEventListener("keydown", (event) => {
      this.onKey(event);
    });
    editor.on(
      "transaction",
      afterPaint(() => {
        if (!this.editor.isDestroyed) this.show();
      }),
    );
    this.show();
  }

  private connect(button: HTMLButtonElement): void {
    keepFocus(button);
    button.addEventListener("click", () => {
      this.run(button);
    });
  }

  private run(button: HTMLButtonElement): void {
    const name = button.dataset.act ?? "";
    const menu = button.closest<HTMLDetailsElement>("details.menu");
    if (menu) menu.open = false;
    const opener = this.openers[name];
    if (opener) {
      closePanels();
      opener();
    } else if (this.editor.isEditable) ACTIONS[name]?.run(this.editor);
  }

  private show(): void {
    for (const button of this.buttons) {
      const action = ACTIONS[button.dataset.act ?? ""];
      if (!action) continue;
      if (action.active) button.setAttribute("aria-pressed", String(action.active(this.editor)));
      if (action.possible) button.disabled = !action.possible(this.editor);
    }
    const { state } = this.editor;
    this.kind.textContent = kindName(selectedParagraphs(state).length ? sharedKind(state) : "body");
    this.tableTools.hidden = !isInTable(state);
  }

  /** Left and right go from tool to tool, as in every toolbar. */
  private onKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const stops = [...this.root.querySelectorAll<HTMLElement>("button:not([disabled]), summary")].filter(
      (stop) => stop.offsetParent !== null,
    );
    const at = stops.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const step = event.key === "ArrowRight" ? 1 : -1;
    stops[(at + step + stops.length) % stops.length]?.focus();
    event.preventDefault();
  }
}
