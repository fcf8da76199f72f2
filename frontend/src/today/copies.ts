/** What this device keeps of one's plans: what has not been sent comes first, with a way to it. */
import { type KeptCopy, keptCopies } from "../collaboration/kept-copies";
import { icon } from "../editor/elements";
import { t } from "../shared/i18n";

export async function showCopies(): Promise<void> {
  const host = document.getElementById("on-device");
  if (!host) return;
  const copies = await keptCopies(Number(host.dataset["person"]));
  if (copies.length === 0) return;
  host.append(chip(copies, host.dataset["plan"]!));
  host.hidden = false;
}

function chip(copies: KeptCopy[], address: string): HTMLElement {
  const unsent = copies.filter((copy) => copy.unsent > 0);
  const first = unsent[0];
  const element = document.createElement(first ? "a" : "span");
  element.className = first ? "chip chip-mark" : "chip chip-plain";
  element.append(icon(first ? "unsaved" : "device"), words(copies.length, unsent));
  if (first && element instanceof HTMLAnchorElement) {
    element.href = address.replace("00000000-0000-0000-0000-000000000000", first.planId);
  }
  return element;
}

function words(all: number, unsent: KeptCopy[]): string {
  if (unsent.length === 0) return t("{count} 份教案在本机有一份", { count: all });
  if (unsent.length === 1) return t("《{title}》有改动还没传，打开就补传", { title: unsent[0]!.title || t("还没有课题") });
  return t("{count} 份教案有改动还没传，打开就补传", { count: unsent.length });
}
