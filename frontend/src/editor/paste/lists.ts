import { DEEPEST_LEVEL } from "../nodes/paragraph";

/** Lists of other programs become lines with a kind and a level. */

function line(source: Element, kind: string, level: number): HTMLElement {
  const made = source.ownerDocument.createElement("p");
  made.dataset.kind = kind;
  if (level > 0) made.dataset.level = String(Math.min(level, DEEPEST_LEVEL));
  return made;
}

const BLOCKS = "p, h1, h2, h3, h4, h5, h6, div, blockquote, pre";

/** An item's own text in one line; what else it holds (tables, deeper lists) follows. */
function flattenItem(item: Element, kind: string, level: number): Node[] {
  const box = item.querySelector<HTMLInputElement>(":scope > input[type=checkbox], :scope > label > input[type=checkbox]");
  const out: Node[] = [];
  let open: HTMLElement | null = null;
  const begin = () => {
    const made = line(item, box ? "task" : kind, level);
    if (box?.hasAttribute("checked")) made.dataset.checked = "";
    out.push(made);
    return made;
  };
  for (const child of [...item.childNodes]) {
    if (child instanceof Element && /^(UL|OL)$/.test(child.tagName)) {
      out.push(...flattenList(child, level + 1));
      open = null;
    } else if (child instanceof Element && /^(TABLE|FIGURE)$/.test(child.tagName)) {
      out.push(child);
      open = null;
    } else if (child instanceof Element && child.matches(BLOCKS)) {
      begin().append(...child.childNodes);
      open = null;
    } else if (child !== box && (open ?? child.textContent?.trim())) {
      open ??= begin();
      open.append(child);
    }
  }
  return out;
}

function flattenList(list: Element, level: number): Node[] {
  const kind = list.tagName === "OL" ? "ordered" : "bullet";
  return [...list.children].flatMap((child) =>
    /^(UL|OL)$/.test(child.tagName) ? flattenList(child, level + 1) : flattenItem(child, kind, level),
  );
}

export function flattenLists(root: ParentNode): void {
  for (const list of root.querySelectorAll("ul, ol")) {
    if (list.parentElement?.closest("ul, ol")) continue;
    list.replaceWith(...flattenList(list, 0));
  }
}

/** “mso-list: l0 level2 lfo1”: Word writes lists as paragraphs whose style names the level. */
const WORD_LIST = /mso-list:\s*l\d+\s+level(\d+)/i;
const NUMBERED = /^[（(]?[\p{N}a-zA-Z一二三四五六七八九十百]+[)）.．、]|^[①-⑳]/u;

/** Word's own list paragraphs; must run before styles are dropped. */
export function readWordLists(root: ParentNode): void {
  for (const paragraph of root.querySelectorAll<HTMLElement>("p[style*='mso-list'], p[class^='MsoList']")) {
    const level = WORD_LIST.exec(paragraph.getAttribute("style") ?? "");
    const marker = paragraph.querySelector<HTMLElement>("span[style*='mso-list']");
    if (!level || !marker) continue;
    paragraph.dataset.kind = NUMBERED.test(marker.textContent.trim()) ? "ordered" : "bullet";
    paragraph.dataset.level = String(Math.min(Number(level[1]) - 1, DEEPEST_LEVEL));
    marker.remove();
  }
}
