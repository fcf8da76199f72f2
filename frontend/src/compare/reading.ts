import { element } from "../editor/elements";
import { pairStarts } from "../shared/sides";
import type { Block, Field, Plan, Section, Variant } from "./model";
import { drawBlock, drawPiece, plainPieces } from "./render";

function drawField(field: Field): HTMLElement {
  const cell = element(
    "div",
    "field-cell",
    element("span", "field-label", field.label),
    element("span", "field-text", ...plainPieces(field.line).map(drawPiece)),
  );
  cell.dataset.key = field.key;
  return cell;
}

/** Marks what stands side by side where there is room, as the editor does. */
function markPairs(made: HTMLElement, blocks: readonly Block[]): void {
  const starts = pairStarts(blocks.map((block) => (block.type === "variant" ? block.side : null)));
  const variants = made.querySelectorAll(":scope > .sec-body > .variant");
  const shown = blocks.filter((block) => block.type === "variant");
  for (const start of starts) {
    made.classList.add("has-pairs");
    const first = shown.indexOf(blocks[start] as Variant);
    variants[first]?.classList.add("pair-left");
    variants[first + 1]?.classList.add("pair-right");
  }
}

function drawSection(section: Section): HTMLElement {
  const made = element("section", section.title ? "sec" : "");
  made.dataset.key = section.key;
  if (section.title) made.append(element("div", "sec-h", element("h2", "", section.title)));
  made.append(element("div", "sec-body", ...section.blocks.flatMap(drawBlock)));
  markPairs(made, section.blocks);
  return made;
}

/** One version, to read. */
export function drawReading(plan: Plan): Node[] {
  const head = plan.fields.length ? [element("div", "sheet-head", ...plan.fields.map(drawField))] : [];
  return [...head, ...plan.sections.map(drawSection)];
}
