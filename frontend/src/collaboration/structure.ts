/**
 * Two habits at the level of Yjs that keep text from being lost or doubled:
 *
 * - An empty paragraph gets its text container when it is made. Otherwise two people who type into it at once make
 *   one each, and the binding has to move the text of one of them.
 * - A section, a variant or a cell whose last block two people removed half each gets an empty paragraph. Otherwise it would
 *   not be legal any more and the binding would remove it.
 */

import { ySyncPluginKey } from "@tiptap/y-tiptap";
import * as Y from "yjs";

import { newBlockId } from "./block-ids";

const TEXT_BLOCKS = new Set(["paragraph", "headerField"]);
const NEVER_EMPTY = new Set(["section", "variant", "tableCell", "tableHeader"]);
const FILLED = Symbol("filled");

export function keepStructure(doc: Y.Doc): () => void {
  const listen = (transaction: Y.Transaction): void => {
    if (transaction.origin === FILLED) return;
    if (transaction.origin === ySyncPluginKey) giveTextContainers(doc, transaction);
    else if (transaction.deleteSet.clients.size > 0) fillEmptied(doc, transaction);
  };
  doc.on("beforeObserverCalls", listen);
  return () => {
    doc.off("beforeObserverCalls", listen);
  };
}

function giveTextContainers(doc: Y.Doc, transaction: Y.Transaction): void {
  const empty = madeHere(doc, transaction).filter(
    (element) => TEXT_BLOCKS.has(element.nodeName) && element.length === 0,
  );
  if (empty.length === 0) return;
  doc.transact((filling) => {
    filling.meta.set("addToHistory", transaction.meta.get("addToHistory"));
    for (const element of empty) element.insert(0, [new Y.XmlText()]);
  }, ySyncPluginKey);
}

/** The elements that this transaction added under our own client id. */
function madeHere(doc: Y.Doc, transaction: Y.Transaction): Y.XmlElement[] {
  const from = transaction.beforeState.get(doc.clientID) ?? 0;
  const structs = doc.store.clients.get(doc.clientID) ?? [];
  const made: Y.XmlElement[] = [];
  for (let index = structs.length - 1; index >= 0 && structs[index]!.id.clock >= from; index -= 1) {
    const struct = structs[index]!;
    if (!(struct instanceof Y.Item) || struct.deleted || !(struct.content instanceof Y.ContentType)) continue;
    if (struct.content.type instanceof Y.XmlElement) made.push(struct.content.type as Y.XmlElement);
  }
  return made;
}

function fillEmptied(doc: Y.Doc, transaction: Y.Transaction): void {
  const emptied = [...transaction.changed.keys()].filter(
    (type): type is Y.AbstractType<Y.YEvent<Y.XmlElement>> & Y.XmlElement =>
      type instanceof Y.XmlElement && NEVER_EMPTY.has(type.nodeName) && type.length === 0 && !type._item?.deleted,
  );
  if (emptied.length === 0) return;
  doc.transact(() => {
    for (const element of emptied) {
      const paragraph = new Y.XmlElement("paragraph");
      paragraph.setAttribute("id", newBlockId());
      paragraph.insert(0, [new Y.XmlText()]);
      element.insert(0, [paragraph]);
    }
  }, FILLED);
}
