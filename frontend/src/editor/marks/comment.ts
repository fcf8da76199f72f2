import { Mark } from "@tiptap/core";

/** As lessons.content.random_id names a thread. */
const THREAD_ID = /^[a-z0-9]{10}$/;

function threadId(element: HTMLElement): string | null {
  const id = element.getAttribute("data-comment");
  return id !== null && THREAD_ID.test(id) ? id : null;
}

/**
 * Where a thread of comments is anchored; several may overlap. The server puts it. It stands outermost and shows
 * nothing by itself: what is drawn is decided by the threads that the page knows (discussion/anchors.ts).
 */
export const Comment = Mark.create({
  name: "comment",
  priority: 2000,
  inclusive: false,
  excludes: "",

  addAttributes: () => ({
    id: { default: null, parseHTML: threadId, renderHTML: ({ id }) => (id ? { "data-comment": String(id) } : {}) },
  }),

  parseHTML: () => [{ tag: "span[data-comment]", getAttrs: (element) => (threadId(element) === null ? false : null) }],

  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes, 0],
});
