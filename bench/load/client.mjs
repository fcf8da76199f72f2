// One connection that speaks the sync protocol: a full one keeps a document, a light one only counts.
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { existingRooms, hocuspocus, now, number, options } from "./options.mjs";
import { WebSocketClient } from "./websocket.mjs";

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const SYNC_REPLY = 4; // Hocuspocus's own
const SYNC_STATUS = 8; // Hocuspocus's own: one for each frame with content
const DURABLE = 16; // the platform's own: how many frames with content are stored
const STEP1 = 0;
const STEP2 = 1;
const UPDATE = 2;
const NOTHING = new Uint8Array([0, 0]);
const CONNECT_MILLISECONDS = 60_000;

const rooms = new Map();
/** A made-up name stands for the next existing room; after the last they are used once more. */
function roomOf(name) {
  if (!existingRooms) return encodeURIComponent(name);
  if (!rooms.has(name)) rooms.set(name, existingRooms[rooms.size % existingRooms.length]);
  return rooms.get(name);
}

const payloadOf = (bytes) => decoding.readVarUint8Array(decoding.createDecoder(bytes));

export class Client {
  synced = false;
  closedWith = null;
  writer = null; // set by the writer who types through this connection
  counts = { update: 0, awareness: 0, acknowledgement: 0, other: 0 };
  received = null; // a list, to keep what arrives for a replay
  cursorLatencies = [];
  acknowledgeLatencies = [];
  #sentAt = []; // of each frame with content, in order; -1 outside the measured window
  #acknowledged = 0;

  constructor(name, { full = false, ledger = null } = {}) {
    this.name = name;
    this.full = full;
    this.ledger = ledger;
    this.doc = full ? new Y.Doc() : null;
    this.prefix = hocuspocus ? Buffer.byteLength(name) + 1 : 0; // Hocuspocus writes the name before every message
    if (this.prefix > 128) throw new Error("document name too long");
    if (full) ledger?.attach(this);
  }

  connect() {
    this.startedAt = now();
    const socket = new WebSocketClient(options.url.replaceAll("{doc}", roomOf(this.name)));
    this.socket = socket;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error(`not synced within ${CONNECT_MILLISECONDS / 1000} s`));
        socket.close();
      }, CONNECT_MILLISECONDS);
      socket.onopen = () => this.#greet();
      socket.onmessage = (message) => this.#receive(message);
      socket.onclose = (why) => {
        clearTimeout(limit);
        this.closedWith = why ?? "closed";
        if (!this.synced) reject(new Error(`closed before sync: ${this.closedWith}`));
      };
      this.onsynced = () => {
        clearTimeout(limit);
        this.syncedAt = now();
        resolve(this);
      };
    });
  }

  close() {
    this.socket?.close();
  }

  // ---- sending

  #send(write) {
    const encoder = encoding.createEncoder();
    if (hocuspocus) encoding.writeVarString(encoder, this.name);
    write(encoder);
    this.socket.send(encoding.toUint8Array(encoder));
  }

  #sendSync(step, payload) {
    this.#send((encoder) => {
      encoding.writeVarUint(encoder, SYNC);
      encoding.writeVarUint(encoder, step);
      encoding.writeVarUint8Array(encoder, payload);
    });
  }

  #greet() {
    this.openedAt = now();
    if (hocuspocus) {
      this.#send((encoder) => {
        encoding.writeVarUint(encoder, AUTH);
        encoding.writeVarUint(encoder, 0);
        encoding.writeVarString(encoder, "");
      });
    }
    this.#sendSync(STEP1, this.doc ? Y.encodeStateVector(this.doc) : new Uint8Array([0]));
  }

  #sendContent(step, payload) {
    this.#sentAt.push(this.ledger?.measuring ? now() : -1);
    this.#sendSync(step, payload);
  }

  sendUpdate(update) {
    this.#sendContent(UPDATE, update);
  }

  sendCursor(clientId, clock, state) {
    const entry = encoding.createEncoder();
    encoding.writeVarUint(entry, 1);
    encoding.writeVarUint(entry, clientId);
    encoding.writeVarUint(entry, clock);
    encoding.writeVarString(entry, JSON.stringify(state));
    this.#send((encoder) => {
      encoding.writeVarUint(encoder, AWARENESS);
      encoding.writeVarUint8Array(encoder, encoding.toUint8Array(entry));
    });
  }

  // ---- receiving

  #receive(message) {
    const at = this.prefix;
    const type = message[at];
    if (type === SYNC || (hocuspocus && type === SYNC_REPLY)) {
      this.#receiveSync(type, message[at + 1], message.subarray(at + 2));
    } else if (type === AWARENESS) {
      this.counts.awareness++;
      if (this.full) this.#readCursors(payloadOf(message.subarray(at + 1)));
    } else if (hocuspocus && type === SYNC_STATUS) {
      this.#acknowledge(this.#acknowledged + 1);
    } else if (!hocuspocus && type === DURABLE) {
      this.#acknowledge(decoding.readVarUint(decoding.createDecoder(message.subarray(at + 1))));
    } else {
      this.counts.other++;
    }
  }

  #receiveSync(type, step, rest) {
    this.counts[step === UPDATE ? "update" : "other"]++;
    if (step === STEP1) {
      const own = this.doc ?? this.writer?.doc;
      const missing = own ? Y.encodeStateAsUpdate(own, payloadOf(rest)) : NOTHING;
      if (type !== SYNC_REPLY || missing.length > NOTHING.length) this.#sendContent(STEP2, missing);
      return;
    }
    if (this.doc) Y.applyUpdate(this.doc, payloadOf(rest), "net");
    else this.received?.push(Buffer.from(rest));
    if (step === STEP2 && !this.synced) {
      this.synced = true;
      this.onsynced();
    }
  }

  #acknowledge(frames) {
    const at = now();
    this.counts.acknowledgement++;
    for (; this.#acknowledged < frames; this.#acknowledged++) {
      const sent = this.#sentAt[this.#acknowledged];
      if (sent >= 0) this.acknowledgeLatencies.push(at - sent);
    }
  }

  #readCursors(bytes) {
    const decoder = decoding.createDecoder(bytes);
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const clientId = decoding.readVarUint(decoder);
      decoding.readVarUint(decoder);
      const state = JSON.parse(decoding.readVarString(decoder));
      if (state?.sent && clientId !== this.writer?.id && this.ledger?.measuring) {
        this.cursorLatencies.push(now() - state.sent);
      }
    }
  }

  /** What a light client would hold: all that it received, and what its writer wrote. */
  replayed() {
    const doc = new Y.Doc();
    for (const update of this.writer?.updates ?? []) Y.applyUpdate(doc, update);
    for (const bytes of this.received) Y.applyUpdate(doc, payloadOf(bytes));
    return doc;
  }
}

/** Opens all of them, some at once; returns what went wrong. */
export async function connectAll(clients, atOnce = number("ramp")) {
  const waiting = [...clients];
  const failures = [];
  const connectNext = async () => {
    for (let client = waiting.shift(); client; client = waiting.shift()) {
      await client.connect().catch((error) => failures.push(error.message));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, connectNext));
  return failures;
}
