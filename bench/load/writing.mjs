// People who type, and the ledger of who has seen which edit when.
import * as Y from "yjs";
import { chance, now } from "./options.mjs";

const TEXT =
  "我们在会议上讨论了项目的进展和下一步计划需要大家共同编辑这份文档并且及时更新数据请各部门负责人确认时间安排以及预算情况谢谢";
const PARAGRAPH_EDITS = 160;

/**
 * Types into paragraphs of its own, now and then deletes, moves its cursor and goes on elsewhere. It does not
 * take in what others write (unless its connection is a full one), which keeps the generator cheap.
 */
export class Writer {
  updates = [];
  inserts = []; // in order: { clock: the writer's clock after it, at, seenBy }
  deletions = new Map(); // clock of the deleted character → { at, seenBy }
  #clock = 0; // of the cursor

  constructor(client, ledger, index) {
    this.client = client;
    this.ledger = ledger;
    this.index = index;
    this.doc = client.doc ?? new Y.Doc();
    this.id = this.doc.clientID;
    this.fragment = this.doc.getXmlFragment("default");
    client.writer = this;
    ledger.writers.set(this.id, this);
    this.doc.on("update", (update, origin, doc, transaction) => {
      if (origin === this) this.made = { update, deleted: transaction.deleteSet };
    });
  }

  edit() {
    let deleted = false;
    this.doc.transact(() => {
      if (!this.text || this.inParagraph > PARAGRAPH_EDITS) this.#startParagraph();
      deleted = this.cursor > 4 && chance() < 0.1;
      if (deleted) this.text.delete(--this.cursor, 1);
      else this.#insert();
      this.inParagraph++;
    }, this);
    this.#enter(deleted);
    this.client.sendUpdate(this.made.update);
  }

  #startParagraph() {
    const paragraph = new Y.XmlElement("paragraph");
    this.text = new Y.XmlText();
    paragraph.insert(0, [this.text]);
    this.fragment.insert(this.fragment.length, [paragraph]);
    this.cursor = this.inParagraph = 0;
  }

  #insert() {
    if (this.inParagraph > 10 && chance() < 0.03) this.cursor = Math.floor(chance() * this.text.length);
    const length = 1 + Math.floor(chance() * 3);
    const from = Math.floor(chance() * (TEXT.length - 3));
    this.text.insert(this.cursor, TEXT.slice(from, from + length));
    this.cursor += length;
  }

  #enter(deleted) {
    const entry = { at: now(), measured: this.ledger.measuring, seenBy: 0 };
    if (deleted) {
      for (const items of this.made.deleted.clients.values()) {
        for (const item of items) this.deletions.set(item.clock, entry);
      }
    } else {
      this.inserts.push({ ...entry, clock: Y.getState(this.doc.store, this.id) });
    }
    this.updates.push(this.made.update);
    this.ledger.sent++;
    if (this.ledger.measuring) this.ledger.sentMeasured++;
  }

  get edits() {
    return this.inserts.length + this.deletions.size;
  }

  moveCursor() {
    const item = { client: this.id, clock: this.inserts.at(-1)?.clock ?? 0 };
    const position = { type: null, tname: null, item, assoc: 0 };
    const user = { name: `同事${this.index}`, color: "#3aa675" };
    this.client.sendCursor(this.id, ++this.#clock, {
      user,
      cursor: { anchor: position, head: position },
      sent: now(),
    });
  }
}

/** One document's writers, and the sampled replicas that must come to see all they write. */
export class Ledger {
  writers = new Map();
  replicas = [];
  latencies = [];
  sent = 0;
  sentMeasured = 0;
  measuring = false;

  /** Notes every edit of others that becomes visible in this full client's document. */
  attach(client) {
    const replica = { client, seen: 0, next: new Map(), bit: 1 << Math.min(this.replicas.length, 30) };
    this.replicas.push(replica);
    client.replica = replica;
    client.doc.on("afterTransaction", (transaction) => {
      if (transaction.origin === "net") this.#see(replica, transaction, now());
    });
  }

  #see(replica, transaction, at) {
    for (const [id, clock] of transaction.afterState) {
      const writer = this.#other(replica, id);
      if (writer && transaction.beforeState.get(id) !== clock) this.#seeInserts(replica, writer, clock, at);
    }
    for (const [id, items] of transaction.deleteSet.clients) {
      const writer = this.#other(replica, id);
      for (const item of writer ? items : []) this.#seeDeletions(replica, writer, item, at);
    }
  }

  #other(replica, id) {
    const writer = this.writers.get(id);
    return writer && writer.doc !== replica.client.doc ? writer : null;
  }

  #seeInserts(replica, writer, clock, at) {
    let next = replica.next.get(writer.id) ?? 0;
    for (; next < writer.inserts.length && writer.inserts[next].clock <= clock; next++) {
      this.#seeEdit(replica, writer.inserts[next], at);
    }
    replica.next.set(writer.id, next);
  }

  #seeDeletions(replica, writer, item, at) {
    for (let clock = item.clock; clock < item.clock + item.len; clock++) {
      const edit = writer.deletions.get(clock);
      if (edit && !(edit.seenBy & replica.bit)) this.#seeEdit(replica, edit, at);
    }
  }

  #seeEdit(replica, edit, at) {
    edit.seenBy |= replica.bit;
    replica.seen++;
    if (edit.measured) this.latencies.push(at - edit.at);
  }

  expected(replica) {
    let edits = 0;
    for (const writer of this.writers.values()) if (writer.doc !== replica.client.doc) edits += writer.edits;
    return edits;
  }

  get complete() {
    return this.replicas.every((replica) => replica.seen >= this.expected(replica));
  }

  get missing() {
    return this.replicas.reduce(
      (sum, replica) => sum + Math.max(0, this.expected(replica) - replica.seen),
      0,
    );
  }

  /** What the document must be: all updates sent, put together. */
  oracle() {
    const doc = new Y.Doc();
    for (const writer of this.writers.values())
      for (const update of writer.updates) Y.applyUpdate(doc, update);
    return doc;
  }
}

const textOf = (doc) => doc.getXmlFragment("default").toString();

/** Text, state and deletions. */
export function same(one, other) {
  return Y.equalSnapshots(Y.snapshot(one), Y.snapshot(other)) && textOf(one) === textOf(other);
}
