/** Small makers of page elements, so that no text ever becomes markup. */

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the sprite that stands on every page. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

interface ButtonParts {
  label: string
  icon?: string
  className?: string
  /** Show the icon alone; the label is read aloud and shown on hover. */
  iconOnly?: boolean
}

export function button({ label, icon: name, className = "btn", iconOnly = false }: ButtonParts): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  if (name) element.append(icon(name));
  if (iconOnly) {
    element.setAttribute("aria-label", label);
    element.title = label;
  } else {
    element.append(label);
  }
  return element;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** The element that the template promised. */
export function required(selector: string, root: ParentNode = document): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`The page lacks ${selector}`);
  return found;
}
