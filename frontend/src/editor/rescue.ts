import { t } from "../shared/i18n";

/** Saves the plan's text as a file on this device. */
export function saveCopy(text: string, title: string): void {
  const link = document.createElement("a");
  // the byte order mark tells old Windows programs that this is UTF-8
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" }));
  link.download = `${title || t("教案")}.txt`;
  link.click();
  setTimeout(() => { URL.revokeObjectURL(link.href); }, 10_000);
}
