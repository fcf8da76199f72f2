import type { Editor } from "@tiptap/core";
import { t } from "../../shared/i18n";
import { sideName } from "../../shared/sides";
import { rememberedWays, type Reader, rememberWays, type Ways, WAYS, WaysSwitch } from "../../shared/ways";
import { afterPaint } from "../after-paint";
import { holdsVariant } from "./places";
import { shownWays, showWays } from "./shown";

/** What the print button says: what will be on paper. */
export function printWords(ways: Ways): string {
  return ways === "all" ? t("打印") : t("打印{side}的做法", { side: sideName(ways) });
}

/** The switch 显示做法 of the editor's page: what this person sees, reads and prints. */
export class ShownView {
  private readonly control = new WaysSwitch((ways) => {
    this.choose(ways);
  });
  private shown = "";

  constructor(
    private readonly editor: Editor,
    private readonly reader: Reader,
  ) {
    showWays(editor, rememberedWays(reader));
    editor.on(
      "transaction",
      afterPaint(() => {
        if (!editor.isDestroyed) this.show();
      }),
    );
    this.show();
  }

  /** Ctrl+Alt+V */
  next(): void {
    this.choose(WAYS[(WAYS.indexOf(shownWays(this.editor.state)) + 1) % WAYS.length]!);
  }

  /** What stands on paper beside the plan's source: whose ways were printed. */
  get onPaper(): string {
    const { doc } = this.editor.state;
    const ways = shownWays(this.editor.state);
    return ways === "all" || !holdsVariant(doc) ? "" : t("{side}的做法", { side: sideName(ways) });
  }

  private choose(ways: Ways): void {
    rememberWays(this.reader, ways);
    showWays(this.editor, ways);
  }

  private show(): void {
    const ways = shownWays(this.editor.state);
    const useful = holdsVariant(this.editor.state.doc);
    if (this.shown === `${ways} ${useful}`) return;
    this.shown = `${ways} ${useful}`;
    this.control.show(ways, useful);
    for (const place of document.querySelectorAll("[data-print-words]")) {
      place.textContent = printWords(useful ? ways : "all");
    }
  }
}
