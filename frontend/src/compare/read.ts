import * as Y from "yjs";
import { FRAGMENT } from "../generated/contracts";
import { readSide } from "../shared/sides";
import type { Block, Cell, Character, Field, Marks, Plan, Row, Section } from "./model";

export function openState(state: Uint8Array): Y.Doc {
  // nothing is collected: what was deleted must stay findable
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, state);
  return doc;
}

function attribute(element: Y.XmlElement, name: string): unknown {
  return element.getAttribute(name);
}

function word(element: Y.XmlElement, name: string): string {
  const value = attribute(element, name);
  return typeof value === "string" ? value : "";
}

function whole(element: Y.XmlElement, name: string, fallback: number): number {
  const value = Number(attribute(element, name) ?? fallback);
  return Number.isInteger(value) ? value : fallback;
}

function elements(parent: Y.XmlElement | Y.XmlFragment): Y.XmlElement[] {
  return parent.toArray().filter((child) => child instanceof Y.XmlElement);
}

function addFormat(marks: Marks, { key, value }: { key: string; value: unknown }): Marks {
  // y-prosemirror tells apart marks that may overlap by a hash behind the name
  const name = key.split("--")[0]!;
  // what was said about the text is no part of it
  if (name === "comment") return marks;
  if (value !== null) return { ...marks, [name]: value };
  return Object.fromEntries(Object.entries(marks).filter(([mark]) => mark !== name));
}

function readText(text: Y.XmlText): Character[] {
  const line: Character[] = [];
  let marks: Marks = {};
  for (let item = text._start; item; item = item.right) {
    if (item.deleted) continue;
    if (item.content instanceof Y.ContentFormat) marks = addFormat(marks, item.content);
    if (!(item.content instanceof Y.ContentString)) continue;
    let { clock } = item.id;
    for (const character of item.content.str) {
      line.push({ text: character, client: item.id.client, clock, marks });
      clock += character.length;
    }
  }
  return line;
}

function readLine(element: Y.XmlElement): Character[] {
  return element.toArray().flatMap((child) => {
    if (child instanceof Y.XmlText) return readText(child);
    const item = child._item;
    if (!(child instanceof Y.XmlElement) || !item) return [];
    const text = child.nodeName === "formula" ? word(child, "text") : child.nodeName === "hardBreak" ? "\n" : "";
    return Array.from(text, (character) => ({ text: character, client: item.id.client, clock: item.id.clock, marks: {} }));
  });
}

function readCell(element: Y.XmlElement): Cell {
  return {
    header: element.nodeName === "tableHeader",
    colspan: whole(element, "colspan", 1),
    rowspan: whole(element, "rowspan", 1),
    blocks: readBlocks(element),
  };
}

function readRow(element: Y.XmlElement): Row {
  return { id: word(element, "id"), cells: elements(element).map(readCell) };
}

function readBlock(element: Y.XmlElement): Block | null {
  const id = word(element, "id");
  switch (element.nodeName) {
    case "paragraph":
      return {
        type: "paragraph",
        id,
        kind: word(element, "kind") || "body",
        level: whole(element, "level", 0),
        checked: attribute(element, "checked") === true,
        align: word(element, "align"),
        marker: word(element, "marker"),
        line: readLine(element),
      };
    case "table":
      return { type: "table", id, kind: word(element, "kind") || "plain", rows: elements(element).map(readRow) };
    case "variant": {
      const side = readSide(attribute(element, "side"));
      return { type: "variant", id, side, label: word(element, "label"), blocks: readBlocks(element) };
    }
    case "image": {
      const width = whole(element, "width", 0);
      return { type: "image", id, file: word(element, "file"), alt: word(element, "alt"), width: width || null };
    }
    default:
      return null;
  }
}

function readBlocks(parent: Y.XmlElement): Block[] {
  return elements(parent)
    .map(readBlock)
    .filter((block) => block !== null);
}

function readField(element: Y.XmlElement): Field {
  return { key: word(element, "key"), label: word(element, "label"), line: readLine(element) };
}

/** Blocks that stand outside any section are shown as a section without a title. */
function addLoose(sections: Section[], block: Block): void {
  const last = sections[sections.length - 1];
  if (last?.key === "") last.blocks.push(block);
  else sections.push({ id: `loose-${sections.length}`, key: "", title: "", blocks: [block] });
}

export function readPlan(doc: Y.Doc): Plan {
  const plan: Plan = { fields: [], sections: [] };
  for (const element of elements(doc.getXmlFragment(FRAGMENT))) {
    if (element.nodeName === "header") plan.fields.push(...elements(element).map(readField));
    else if (element.nodeName === "section") {
      const id = word(element, "id");
      plan.sections.push({ id, key: word(element, "key"), title: word(element, "title"), blocks: readBlocks(element) });
    } else {
      const block = readBlock(element);
      if (block) addLoose(plan.sections, block);
    }
  }
  return plan;
}
