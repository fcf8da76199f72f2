import * as awarenessProtocol from "y-protocols/awareness";
import * as Y from "yjs";

import type { ConnectionEvents } from "./connection";
import { Incoming } from "./incoming";
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

/** An update without structs and without deletions. */
const EMPTY_UPDATE = new Uint8Array([0, 0]);
/** Kept apart up to here, then merged. */
const CARRIED_APART = 64;

export interface Line {
  send(frame: Uint8Array): boolean;
  readonly backlog: number;
  /** Breaks the line off, to be opened again. */
  lineCut(): void;
}

export interface SessionHooks {
  status(access: Access, reason: string, user: Identity): void;
  /** Somebody else's change is about to be applied. */
  remote(): void;
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
  private asked = false;
  private readonly pace = new Pace();
  /** Changes made here that wait for the next frame. */
  private outgoing: Uint8Array[] = [];
  private flushPlanned = false;
  private flushTimer: ReturnType<typeof setTimeout> | undefined;
  private awarenessTimer: ReturnType<typeof setTimeout> | undefined;
  private awarenessSent = 0;
  /** What this connection sent and the server has not confirmed, by the number of the frame. */
  private unconfirmed: { frame: number; update: Uint8Array }[] = [];
  private frames = 0;
  /**
   * What earlier connections sent without confirmation, and what was done since. Kept as it was made: the document
   * itself may hold it no longer, if a removal by someone else came in after it and took it along.
   */
  private carried: Uint8Array[] = [];
  private metBefore = false;
  private readonly incoming = new Incoming((update) => {
    this.apply(update);
  });
  private caughtUpWaits = false;
  /** From here on the page may change the document. */
  private hasContent = false;

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
    this.incoming.destroy();
  }

  // ---- the line ----------------------------------------------------------------------------------------

  opened(asked: boolean): void {
    this.asked = asked;
    this.access = null;
    this.ready = false;
    this.frames = 0;
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
    clearTimeout(this.flushTimer);
    this.flushPlanned = false;
    this.carry(...this.unconfirmed.map(({ update }) => update), ...this.outgoing);
    this.unconfirmed = [];
    this.outgoing = [];
    this.incoming.lineLost();
    this.caughtUpWaits = false;
    this.forgetOthers();
    this.hooks.lost(verdict, retrying);
  }

  /** Remote changes wait while an input method composes; afterwards they are applied in one step. */
  hold(waiting: boolean): void {
    this.incoming.hold(waiting);
    if (!waiting && this.caughtUpWaits) this.caughtUp();
  }

  /** Sends what waits, at once: the page is going away. */
  flush(): void {
    this.flushPlanned = false;
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    if (!this.ready || this.outgoing.length === 0) return;
    const update = this.outgoing.length === 1 ? this.outgoing[0]! : Y.mergeUpdates(this.outgoing);
    this.outgoing = [];
    this.sendContent(updateFrame(update), update);
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
        this.incoming.add(message.update);
        if (this.incoming.release()) this.caughtUp();
        else this.caughtUpWaits = true;
        // a reader is not asked for anything: for them this ends the handshake
        if (this.access !== "write") this.finishHandshake();
        break;
      case "update":
        if (this.reason !== "schema") this.incoming.add(message.update);
        break;
      case "awareness":
        awarenessProtocol.applyAwarenessUpdate(this.awareness, message.update, this);
        break;
      case "durable":
        this.pace.confirmed(message.frames, Date.now());
        this.unconfirmed = this.unconfirmed.filter(({ frame }) => frame > message.frames);
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
    if (!this.asked) this.line.send(step1Frame(Y.encodeStateVector(this.doc)));
    this.line.send(queryAwarenessFrame());
    this.sendAwareness();
  }

  /** The server says what it has: give it the rest. */
  private answer(stateVector: Uint8Array): void {
    if (this.access === "write") {
      this.outgoing = [];
      if (this.ready || !this.metBefore) this.sendDifference(stateVector);
      else this.sendCarried(stateVector);
      this.metBefore = true;
    }
    this.finishHandshake();
  }

  private sendDifference(stateVector: Uint8Array): void {
    const difference = Y.encodeStateAsUpdate(this.doc, stateVector);
    this.sendContent(step2Frame(difference), difference);
  }

  /** Back after a loss: what was carried is everything, unless the server went back in time. */
  private sendCarried(stateVector: Uint8Array): void {
    const carried = this.carried.length > 0 ? Y.mergeUpdates(this.carried) : EMPTY_UPDATE;
    this.carried = [];
    const whole = covers(Y.encodeStateVector(this.doc), stateVector, carried);
    // as an update, not as step 2: should something be missing beneath it, the server asks again
    this.sendContent(updateFrame(carried), carried);
    if (!whole) this.sendDifference(stateVector);
  }

  private carry(...updates: Uint8Array[]): void {
    this.carried.push(...updates);
    if (this.carried.length > CARRIED_APART) this.carried = [Y.mergeUpdates(this.carried)];
  }

  private finishHandshake(): void {
    if (this.ready) return;
    this.ready = true;
    this.hooks.ready();
  }

  private caughtUp(): void {
    this.caughtUpWaits = false;
    this.hasContent = true;
    this.hooks.caughtUp();
  }

  private apply(update: Uint8Array): void {
    // while nobody listens Yjs does not encode anew what comes in, which takes as long as taking in a long plan;
    // nothing is changed here before there is content
    const first = !this.hasContent && this.doc.store.clients.size === 0;
    if (first) this.doc.off("update", this.onUpdate);
    try {
      this.hooks.remote();
      Y.applyUpdate(this.doc, update, this);
    } catch (error) {
      // an observer failed (the page, not the document): the change itself is in
      console.error(error);
    }
    if (first) this.doc.on("update", this.onUpdate);
  }

  private forgetOthers(): void {
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
    awarenessProtocol.removeAwarenessStates(this.awareness, others, this);
  }

  // ---- what leaves -----------------------------------------------------------------------------------------

  private readonly onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    if (this.ready && this.access === "write") {
      this.outgoing.push(update);
      this.planFlush();
    } else if (this.metBefore) {
      this.carry(update);
    }
    // before the first handshake nothing is kept: its answer is the whole difference
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

  private sendContent(frame: Uint8Array, update: Uint8Array): void {
    if (!this.line.send(frame)) {
      this.carry(update);
      return;
    }
    this.frames += 1;
    this.unconfirmed.push({ frame: this.frames, update });
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

/** Whether the server, having `update` besides what its state vector says, holds all that `ours` says. */
function covers(ours: Uint8Array, theirs: Uint8Array, update: Uint8Array): boolean {
  const has = Y.decodeStateVector(theirs);
  const { to } = Y.parseUpdateMeta(update);
  return [...Y.decodeStateVector(ours)].every(
    ([client, clock]) => clock <= Math.max(has.get(client) ?? 0, to.get(client) ?? 0),
  );
}
