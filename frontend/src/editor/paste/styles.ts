/** What a style says about the text itself becomes an element; every other style is dropped. */

type Wrapper = "b" | "i" | "u" | "s" | "sub" | "sup"

function wrappers(element: HTMLElement): Wrapper[] {
  const { fontWeight, fontStyle, textDecoration, textDecorationLine, verticalAlign } = element.style;
  const line = `${textDecoration} ${textDecorationLine}`;
  const found: Wrapper[] = [];
  if (fontWeight === "bold" || Number(fontWeight) >= 600) found.push("b");
  if (fontStyle === "italic") found.push("i");
  if (line.includes("underline") && element.tagName !== "A") found.push("u");
  if (line.includes("line-through")) found.push("s");
  if (verticalAlign === "sub") found.push("sub");
  if (verticalAlign === "super") found.push("sup");
  return found;
}

function wrapContent(element: HTMLElement, tag: Wrapper): void {
  const wrapper = element.ownerDocument.createElement(tag);
  wrapper.append(...element.childNodes);
  element.append(wrapper);
}

/** A bold that a program put around everything (Google Docs) says that it is not bold. */
function unwrapFalseBold(root: ParentNode): void {
  for (const bold of root.querySelectorAll<HTMLElement>("b, strong")) {
    if (bold.style.fontWeight === "normal" || bold.style.fontWeight === "400") bold.replaceWith(...bold.childNodes);
  }
}

export function keepTextStyles(root: ParentNode): void {
  unwrapFalseBold(root);
  for (const span of root.querySelectorAll<HTMLElement>("span[style]")) {
    for (const tag of wrappers(span)) wrapContent(span, tag);
  }
}

const KEPT = new Set(["href", "colspan", "rowspan", "colwidth", "data-kind", "data-level", "data-checked", "data-marker", "data-ruby", "data-latex", "data-text", "data-file"]);
const KEPT_ON_PICTURES = new Set(["src", "alt", "width", "height"]);

/** Drops every style, class and foreign id; alignment of a line stays. */
export function dropAttributes(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("*")) {
    const align = /^(P|H[1-6])$/.test(element.tagName) ? element.style.textAlign || element.getAttribute("align") : null;
    for (const { name } of [...element.attributes]) {
      if (KEPT.has(name) || (element.tagName === "IMG" && KEPT_ON_PICTURES.has(name))) continue;
      element.removeAttribute(name);
    }
    if (align === "center" || align === "right") element.setAttribute("align", align);
  }
}
