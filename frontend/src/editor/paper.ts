import { t } from "../shared/i18n";
import type { EditorData } from "./data";

function today(): string {
  return new Date().toLocaleDateString(document.documentElement.lang, { year: "numeric", month: "long", day: "numeric" });
}

function pageRule({ place, owner, nextVersion }: EditorData, ways: string): string {
  const version = nextVersion > 1 ? t("第{number}版以后", { number: nextVersion - 1 }) : "";
  const source = [place, owner, version, ways, t("{date} 打印", { date: today() })].filter(Boolean).join(" · ");
  const page = t("第 {page} 页，共 {pages} 页", { page: '" counter(page) "', pages: '" counter(pages) "' });
  return `@page { @bottom-left { content: ${JSON.stringify(source)} } @bottom-right { content: "${page}" } }`;
}

/** Every printed page says whose plan it is and which page. A browser without margin boxes prints its own foot. */
export function footOnPaper(data: EditorData, ways: () => string): void {
  window.addEventListener("beforeprint", () => {
    const sheet = document.styleSheets[0];
    sheet?.insertRule(pageRule(data, ways()), sheet.cssRules.length);
  });
}

/** With an empty 复备栏 at the right, for writing by hand, or without. The browser's own key prints as was chosen last. */
export function printOnPaper(notesColumn: boolean): void {
  document.body.classList.toggle("without-notes-column", !notesColumn);
  window.print();
}
