import { Node } from "@tiptap/core";
import { idAttribute } from "./attributes";

const FILE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface ImageOptions {
  /** The address of a stored file. */
  fileUrl: (file: string) => string
}

function image(element: HTMLElement): HTMLElement {
  return element.querySelector("img") ?? element;
}

function readPixels(element: HTMLElement, name: "width" | "height"): number | null {
  const value = Number.parseInt(image(element).getAttribute(name) ?? "", 10);
  return value > 0 ? value : null;
}

/** A picture: names a stored file, never an address, so that a plan shows nothing from elsewhere. */
export const PlanImage = Node.create<ImageOptions>({
  name: "image",
  group: "block",
  atom: true,
  draggable: true,

  addOptions: () => ({ fileUrl: (file: string) => `/files/${file}/` }),

  addAttributes: () => ({
    ...idAttribute,
    file: { default: null, parseHTML: (element) => element.getAttribute("data-file"), rendered: false },
    alt: { default: "", parseHTML: (element) => image(element).getAttribute("alt") ?? "", rendered: false },
    width: { default: null, parseHTML: (element) => readPixels(element, "width"), rendered: false },
    height: { default: null, parseHTML: (element) => readPixels(element, "height"), rendered: false },
  }),

  parseHTML: () => [
    {
      tag: "figure[data-file]",
      getAttrs: (element) => (FILE_ID.test(element.getAttribute("data-file") ?? "") ? null : false),
    },
  ],

  renderHTML({ node, HTMLAttributes }) {
    const { file, alt, width, height } = node.attrs as ImageAttributes;
    const size = { ...(width ? { width: String(width) } : {}), ...(height ? { height: String(height) } : {}) };
    return [
      "figure",
      { ...HTMLAttributes, class: "picture", "data-file": file },
      ["img", { src: this.options.fileUrl(file ?? ""), alt, ...size }],
    ];
  },
});

export interface ImageAttributes {
  id: string | null
  file: string | null
  alt: string
  width: number | null
  height: number | null
}
