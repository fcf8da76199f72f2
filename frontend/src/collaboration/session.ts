import * as awarenessProtocol from "y-protocols/awareness";
import * as Y from "yjs";

import type { ConnectionEvents } from "./connection";
import { Pace } from "./pace";
import {
  awarenessFrame,
  queryAwarenessFrame,
  readMessage,
  step1Frame,
  step2Frame,
  updateFrame,
  type ServerMessage,
  type Verdict,
} from "./protocol";
import type { Access, Identity } from "./types";

/** At most one frame about our own cursor in this time. */
const AWARENESS_GAP = 120;

export interface Line {
  send(frame: Uint8Array): boolean;
  readonly backlog: number;
  /** Breaks the line off, to be opened again. */
  lineCut(): void;
}

export interface SessionHooks {
  status(access: Access, reason: string, user: Identity): void;
  /** Our side of the handshake is done. */
  ready(): void;
  /** Everything the server had is in the document. */
  caughtUp(): void;
  contentSent(): void;
  durable(frames: number): void;
  lost(verdict: Verdict, retrying: boolean): void;
}

/**
 * Keeps one document in step with the server over a line that comes and goes.
 *
 * On every connection the server states our right, then what it has; we answer with all that it lacks, and only
 * then send further changes: no update can reach it before what it builds on.
 */
export class Session implements ConnectionEvents {
  private access: Access | null = null;
  private reason = "";
  private ready = false;
  private readonly pace = new Pace();
  /** Changes made here that wait for the next frame. */
  private outgoing: Uint8Array[] = [];
  private flushPlanned = false;
  private flushTimer: ReturnType<typeof setTimeout> | undefined;
  private awarenessTimer: ReturnType<typeof setTimeout> | undefined;
  private awarenessSent = 0;
  /** Remote changes that wait for the input method. */
  private held: Uint8Array[] = [];
  private holding = false;
  private caughtUpWaits = false;

  constructor(
    private readonly doc: Y.Doc,
    private readonly awareness: awarenessProtocol.Awareness,
    private readonly line: Line,
    private readonly hooks: SessionHooks,
  ) {
    doc.on("update", this.onUpdate);
    awareness.on("update", this.onAwareness);
  }

  destroy(): void {
    this.doc.off("update", this.onUpdate);
    this.awareness.off("update", this.onAwareness);
    clearTimeout(this.flushTimer);
    clearTimeout(this.awarenessTimer);
  }

  // ---- the line ----------------------------------------------------------------------------------------

  opened(): void {
    this.access = null;
    this.ready = false;
    this.outgoing = [];
    this.pace.reset();
  }

  received(frame: Uint8Array): void {
    let message: ServerMessage;
    try {
      message = readMessage(frame);
    } catch {
      this.line.lineCut();
      return;
    }
    this.take(message);
  }

  lost(verdict: Verdict, retrying: boolean): void {
    this.ready = false;
    this.access = null;
    this.outgoing = [];
    clearTimeout(this.flushTimer);
    this.forgetOthers();
    this.hooks.lost(verdict, retrying);
  }

  /** Remote changes wait while an input method composes; afterwards they are applied in one step. */
  hold(waiting: boolean): void {
    this.holding = waiting;
    if (waiting || this.held.length === 0) return;
    const update = Y.mergeUpdates(this.held);
    this.held = [];
    this.apply(update);
    if (this.caughtUpWaits) {
      this.caughtUpWaits = false;
      this.hooks.caughtUp();
    }
  }

  /** Sends what waits, at once: the page is going away. */
  flush(): void {
    this.flushPlanned = false;
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    if (!this.ready || this.outgoing.length === 0) return;
    const update = this.outgoing.length === 1 ? this.outgoing[0]! : Y.mergeUpdates(this.outgoing);
    this.outgoing = [];
    this.sendContent(updateFrame(update));
  }

  // ---- what arrives --------------------------------------------------------------------------------------

  private take(message: ServerMessage): void {
    switch (message.type) {
      case "status":
        this.takeStatus(message.access, message.reason, message.user);
        break;
      case "step1":
        this.answer(message.stateVector);
        break;
      case "step2":
        if (this.reason === "schema") break;
        this.applyOrHold(message.update);
        if (this.holding && this.held.length > 0) this.caughtUpWaits = true;
        else this.hooks.caughtUp();
        break;
      case "update":
        if (this.reason !== "schema") this.applyOrHold(message.update);
        break;
      case "awareness":
        awarenessProtocol.applyAwarenessUpdate(this.awareness, message.update, this);
        break;
      case "durable":
        this.pace.confirmed(message.frames, Date.now());
        this.hooks.durable(message.frames);
        break;
      case "unknown":
        break;
    }
  }

  private takeStatus(access: Access, reason: string, user: Identity): void {
    const first = this.access === null;
    this.access = access;
    this.reason = reason;
    this.hooks.status(access, reason, user);
    // a page older than the document's schema must not hold the document: it would drop what it does not know
    if (!first || reason === "schema") return;
    this.line.send(step1Frame(Y.encodeStateVector(this.doc)));
    this.line.send(queryAwarenessFrame());
    this.sendAwareness();
  }

  /** The server says what it has: give it the rest. */
  private answer(stateVector: Uint8Array): void {
    if (this.access === "write") {
      this.outgoing = [];
      this.sendContent(step2Frame(Y.encodeStateAsUpdate(this.doc, stateVector)));
    }
    if (this.ready) return;
    this.ready = true;
    this.hooks.ready();
  }

  private applyOrHold(update: Uint8Array): void {
    if (this.holding) this.held.push(update);
    else this.apply(update);
  }

  private apply(update: Uint8Array): void {
    try {
      Y.applyUpdate(this.doc, update, this);
    } catch (error) {
      // an observer failed (the page, not the document): the change itself is in
      console.error(error);
    }
  }

  private forgetOthers(): void {
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
    awarenessProtocol.removeAwarenessStates(this.awareness, others, this);
  }

  // ---- what leaves -----------------------------------------------------------------------------------------

  private readonly onUpdate = (update: Uint8Array, origin: unknown): void => {
    // before the handshake nothing is queued: its answer carries the whole difference
    if (origin === this || !this.ready || this.access !== "write") return;
    this.outgoing.push(update);
    this.planFlush();
  };

  private planFlush(): void {
    if (this.flushPlanned) return;
    this.flushPlanned = true;
    const delay = this.pace.delay(Date.now(), this.line.backlog);
    if (delay === 0) {
      queueMicrotask(() => {
        if (this.flushPlanned) this.flush();
      });
    } else {
      this.flushTimer = setTimeout(() => {
        this.flush();
      }, delay);
    }
  }

  private sendContent(frame: Uint8Array): void {
    if (!this.line.send(frame)) return;
    this.pace.sent(Date.now());
    this.hooks.contentSent();
  }

  private readonly onAwareness = (
    { added, updated, removed }: { added: number[]; updated: number[]; removed: number[] },
    origin: unknown,
  ): void => {
    if (origin === this) return;
    if (![...added, ...updated, ...removed].includes(this.doc.clientID)) return;
    if (this.awarenessTimer !== undefined) return;
    const wait = Math.max(0, this.awarenessSent + AWARENESS_GAP - Date.now());
    this.awarenessTimer = setTimeout(() => {
      this.sendAwareness();
    }, wait);
  };

  sendAwareness(): void {
    clearTimeout(this.awarenessTimer);
    this.awarenessTimer = undefined;
    if (this.access === null || !this.awareness.meta.has(this.doc.clientID)) return;
    this.awarenessSent = Date.now();
    this.line.send(awarenessFrame(awarenessProtocol.encodeAwarenessUpdate(this.awareness, [this.doc.clientID])));
  }
}
