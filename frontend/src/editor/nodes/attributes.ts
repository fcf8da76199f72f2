import type { Attribute, Attributes } from "@tiptap/core";

/** A lasting name of a block: ten characters, given by the server or, to blocks made here, by the editor. */
export const BLOCK_ID = /^[a-z0-9]{10}$/;

function blockId(element: HTMLElement): string | null {
  const id = element.getAttribute("data-id");
  return id !== null && BLOCK_ID.test(id) ? id : null;
}

export const idAttribute: Attributes = {
  id: {
    default: null,
    keepOnSplit: false,
    parseHTML: blockId,
    renderHTML: ({ id }) => (id ? { "data-id": id as string } : {}),
  },
};

/** An attribute that is text in the document and `data-<name>` in the page. */
export function textAttribute(name: string, fallback: string): Attribute {
  return {
    default: fallback,
    parseHTML: (element: HTMLElement) => element.getAttribute(`data-${name}`) ?? fallback,
    renderHTML: (attributes) => ({ [`data-${name}`]: String(attributes[name] ?? fallback) }),
  };
}

/** A whole number within limits; anything else is `fallback`. */
export function readNumber(text: string | null, low: number, high: number, fallback: number): number {
  const value = Number.parseInt(text ?? "", 10);
  return Number.isNaN(value) ? fallback : Math.min(high, Math.max(low, value));
}
