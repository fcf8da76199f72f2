import { flattenLists, readWordLists } from "./lists";
import { dropAttributes, keepTextStyles } from "./styles";

/** What is never text: scripts, forms, Word's own parts and its comments. */
const REFUSE = "script, style, meta, link, title, template, noscript, object, embed, iframe, svg, canvas, button, select";

function removeComments(document: Document): void {
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_COMMENT);
  const comments: Node[] = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.parentNode?.removeChild(comment);
}

/** A table inside a cell becomes lines: our tables hold blocks, not tables. */
function flattenNestedTables(root: ParentNode): void {
  for (const table of root.querySelectorAll("td table, th table")) {
    const lines = [...table.querySelectorAll("tr")].map((row) => {
      const line = table.ownerDocument.createElement("p");
      line.textContent = [...row.children].map((cell) => cell.textContent.trim()).join("　");
      return line;
    });
    table.replaceWith(...lines);
  }
}

/** Pictures as our own nodes are kept; others have no stored file and are taken up by images/paste.ts. */
function removeForeignPictures(root: ParentNode): void {
  for (const picture of root.querySelectorAll("img")) {
    if (!picture.closest("figure[data-file]")) picture.remove();
  }
}

/** Word writes “<o:p>&nbsp;</o:p>” for an empty line; a space of its own must not count as text. */
function emptyBlankLines(root: ParentNode): void {
  for (const line of root.querySelectorAll("p")) {
    if (line.textContent.replace(/[\s\u00a0]/g, "") === "" && !line.querySelector("img, br, figure")) line.textContent = "";
  }
}

/**
 * HTML of another program (Word, WPS, a web page) in the form that the schema reads: lists as lines with a
 * kind, headings, tables with their merged cells, the marks we have; no styles, nothing that runs.
 */
export function cleanHtml(html: string): string {
  const document = new DOMParser().parseFromString(html, "text/html");
  const { body } = document;
  for (const element of body.querySelectorAll(REFUSE)) element.remove();
  // cut between our own tabs: already in our form
  if (body.querySelector("[data-pm-slice]")) return body.innerHTML;
  readWordLists(body);
  removeComments(document);
  flattenNestedTables(body);
  keepTextStyles(body);
  flattenLists(body);
  removeForeignPictures(body);
  dropAttributes(body);
  emptyBlankLines(body);
  return body.innerHTML;
}
