import { element } from "../editor/elements";
import type { Field, Plan, Section } from "./model";
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

function drawSection(section: Section): HTMLElement {
  const made = element("section", section.title ? "sec" : "");
  made.dataset.key = section.key;
  if (section.title) made.append(element("div", "sec-h", element("h2", "", section.title)));
  made.append(element("div", "sec-body", ...section.blocks.flatMap(drawBlock)));
  return made;
}

/** One version, to read. */
export function drawReading(plan: Plan): Node[] {
  const head = plan.fields.length ? [element("div", "sheet-head", ...plan.fields.map(drawField))] : [];
  return [...head, ...plan.sections.map(drawSection)];
}
