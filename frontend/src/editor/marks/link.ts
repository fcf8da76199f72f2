import { Mark } from "@tiptap/core";

const SAFE = /^(https?:\/\/|mailto:|\/(?!\/))/i;

/** The address as it may stand in a document, or null if it may not. */
export function safeAddress(text: string): string | null {
  const address = text.trim();
  if (SAFE.test(address)) return address;
  if (/^[\w-]+(\.[\w-]+)+([/?#].*)?$/.test(address)) return `https://${address}`;
  return null;
}

export const Link = Mark.create({
  name: "link",
  inclusive: false,

  addAttributes: () => ({ href: { default: null } }),

  parseHTML: () => [
    {
      tag: "a[href]",
      getAttrs: (element) => {
        const href = safeAddress(element.getAttribute("href") ?? "");
        return href ? { href } : false;
      },
    },
  ],

  renderHTML: ({ mark }) => [
    "a",
    // checked again: the document may have been written by another program
    { href: safeAddress(String(mark.attrs.href)) ?? "#", target: "_blank", rel: "noopener noreferrer nofollow" },
    0,
  ],
});
