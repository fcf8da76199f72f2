import { Awareness, removeAwarenessStates } from "y-protocols/awareness";
import * as Y from "yjs";

import { createStore } from "../shared/store";
import { isTopicFrame, pageTopics } from "../topics";
import { Connection, FAILURES_UNTIL_BLOCKED } from "./connection";
import { mayHaveCopy } from "./kept-copies";
import { LocalCopy, localCopyName } from "./local-copy";
import { plainText } from "./plain-text";
import { watchPresence, type PresenceState } from "./presence";
import type { Verdict } from "./protocol";
import * as save from "./save-state";
import { Session } from "./session";
import { keepStructure } from "./structure";
import type { Access, Ending, PlanData, SaveState, SharedPlan, Status } from "./types";

const FRAGMENT = "default";
/** The copy on this device is shown when the server has not answered by then. */
const SERVER_LIMIT = 4_000;
/** The text is drawn first; then a copy is made where there is none. */
const PAINTING = 100;

const ENDINGS: Partial<Record<Verdict, Ending>> = {
  "signed-out": "signed-out",
  "no-right": "no-right",
  missing: "missing",
  deleted: "deleted",
};

/** Opens a plan: the copy on this device, the line to the server, who else is there. */
export function openDocument(data: PlanData): SharedPlan {
  const plan = new OpenPlan(data);
  plan.start();
  return plan;
}

function socketUrl(data: PlanData): string {
  const url = new URL(data.socket, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("schema", String(data.schema));
  return url.href;
}

class OpenPlan implements SharedPlan {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly fragment = this.doc.getXmlFragment(FRAGMENT);
  readonly status;
  readonly saveState = createStore<SaveState>({ kind: "opening" }, same);
  readonly writable;
  readonly people;
  readonly whenReady: Promise<void>;

  private readonly connection: Connection;
  private readonly session: Session;
  private readonly copy: LocalCopy;
  private readonly presence;
  private readonly stopKeeping: () => void;
  private readonly remoteListeners = new Set<() => void>();
  private saving: save.Saving;
  private copyLoaded = false;
  private copyHasContent = false;
  private serverTried = false;
  private noted = -1;
  private markReady: () => void = () => undefined;
  private nextLook: number | null = null;
  private lookTimer: ReturnType<typeof setTimeout> | undefined;
  private limitTimer: ReturnType<typeof setTimeout> | undefined;
  private copyTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly data: PlanData) {
    this.status = createStore<Status>(
      { line: "connecting", content: "none", access: data.access, reason: "", ending: null, refused: false },
      same,
    );
    this.writable = createStore(false);
    this.saving = save.newSaving(data.access);
    this.whenReady = new Promise((resolve) => {
      this.markReady = resolve;
    });
    this.awareness.setLocalState(this.ownState());
    this.presence = watchPresence(this.awareness, data.user);
    this.people = this.presence.people;
    this.stopKeeping = keepStructure(this.doc);
    this.copy = new LocalCopy(localCopyName(data.id, data.user.id), this.doc, data.title, {
      settled: (written) => {
        this.setSaving({ ...this.saving, device: written ? "written" : "unwritable" });
      },
    });
    this.connection = new Connection({
      url: socketUrl(data),
      events: {
        opened: (asked) => {
          this.session.opened(asked);
          pageTopics.opened(this.connection);
        },
        received: (frame) => {
          if (isTopicFrame(frame)) pageTopics.received(this.connection, frame);
          else this.session.received(frame);
        },
        lost: (verdict, retrying) => {
          this.session.lost(verdict, retrying);
        },
      },
    });
    this.session = new Session(this.doc, this.awareness, this.connection, {
      status: (access, reason) => {
        this.takeStatus(access, reason);
      },
      remote: () => {
        for (const listen of this.remoteListeners) listen();
      },
      ready: () => {
        this.lineReady();
      },
      caughtUp: () => {
        this.showContent("server");
      },
      contentSent: () => {
        this.setSaving(save.frameSent(this.saving));
      },
      durable: (frames) => {
        this.takeDurable(frames);
      },
      lost: (verdict, retrying) => {
        this.lineLost(verdict, retrying);
      },
    });
    this.listenToPage(true);
  }

  start(): void {
    pageTopics.provide(this.connection);
    void this.openCopy();
    this.limitTimer = setTimeout(() => {
      this.serverTried = true;
      this.showCopy();
    }, SERVER_LIMIT);
  }

  private ownState(): PresenceState {
    return { user: this.data.user, writes: this.saving.access === "write" };
  }

  // ---- opening -------------------------------------------------------------------------------------------

  /**
   * A reader keeps no copy: what the page may not change must never come back as a change. Where there is a copy,
   * the server is asked only for what it lacks; where there is none, one is made once the text is on the page.
   */
  private async openCopy(): Promise<void> {
    const writes = this.data.access === "write";
    if (writes && mayHaveCopy(localCopyName(this.data.id, this.data.user.id))) {
      await this.loadCopy();
      this.copyLoaded = true;
      this.copyHasContent = this.fragment.length > 0;
      this.connection.start();
      this.showCopy();
    } else {
      this.connection.start();
      await this.whenReady;
      if (writes) this.copyTimer = setTimeout(() => void this.makeCopy(), PAINTING);
    }
  }

  private async makeCopy(): Promise<void> {
    if (this.saving.access === "write" && this.status.get().ending === null) await this.loadCopy();
  }

  private async loadCopy(): Promise<void> {
    const unsent = await this.copy.load();
    if (unsent) {
      this.setSaving(save.found(this.saving, unsent, Date.now()));
      // found after the handshake: it goes with the answer of the next
      if (this.saving.online) this.connection.lineCut();
    } else if (this.saving.bursts.length > 0) {
      this.note(true); // what was done while the copy opened
    }
  }

  private showCopy(): void {
    if (!this.copyLoaded || !this.copyHasContent || !this.serverTried) return;
    if (this.status.get().ending === null) this.showContent("local");
  }

  private showContent(from: "server" | "local"): void {
    const { content } = this.status.get();
    if (content === "server" || content === from) return;
    clearTimeout(this.limitTimer);
    if (content === "none") this.doc.on("update", this.onUpdate);
    this.setStatus({ content: from });
    this.setSaving({ ...this.saving, opened: true });
    this.markReady();
  }

  // ---- what the server says ------------------------------------------------------------------------------

  private takeStatus(access: Access, reason: string): void {
    // a page older than the plan must keep nothing: it would drop what it does not know
    if (access !== "write" || reason === "schema") void this.copy.close();
    else if (this.saving.access !== "write") void this.loadCopy();
    this.setStatus({ access, reason });
    this.setSaving({ ...this.saving, access, reason });
    this.awareness.setLocalStateField("writes", access === "write");
  }

  private lineReady(): void {
    this.setStatus({ line: "online", refused: false });
    this.setSaving(save.lineUp(this.saving));
  }

  private takeDurable(frames: number): void {
    if (frames > 0) this.connection.accepted();
    this.setSaving(save.confirmed(this.saving, frames, Date.now()));
  }

  private lineLost(verdict: Verdict, retrying: boolean): void {
    this.setSaving(save.lineDown(this.saving));
    const ending = ENDINGS[verdict] ?? null;
    if (ending !== null) this.end(ending);
    else if (!retrying) this.refuse();
    else this.setStatus({ line: this.lineWhileDown(verdict) });
    this.serverTried = true;
    this.showCopy();
  }

  private lineWhileDown(verdict: Verdict): Status["line"] {
    if (verdict === "now") return "connecting";
    if (navigator.onLine && this.connection.failures >= FAILURES_UNTIL_BLOCKED) return "blocked";
    return "offline";
  }

  private end(ending: Ending): void {
    const access = ending === "signed-out" ? this.saving.access : "none";
    pageTopics.withdraw(this.connection);
    this.setStatus({ line: "ended", ending, access });
    this.setSaving({ ...this.saving, access });
    // signed out: the same person may come back to this device and go on
    if (ending === "signed-out" || this.saving.bursts.length > 0) void this.copy.close();
    else void this.copy.remove();
  }

  private refuse(): void {
    pageTopics.withdraw(this.connection);
    this.setStatus({ line: "offline", refused: true });
    this.setSaving({ ...this.saving, refused: true });
  }

  // ---- what the person does ------------------------------------------------------------------------------

  private readonly onUpdate = (_update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
    if (origin === this.session || !transaction.local || this.saving.access !== "write") return;
    this.setSaving(save.edited(this.saving, Date.now()));
    this.note(true);
  };

  beforeRemote(listen: () => void): () => void {
    this.remoteListeners.add(listen);
    return () => void this.remoteListeners.delete(listen);
  }

  hold(waiting: boolean): void {
    this.session.hold(waiting);
  }

  hasUnsent(): boolean {
    return this.saving.bursts.length > 0;
  }

  text(): string {
    return plainText(this.fragment);
  }

  reconnect(): void {
    this.connection.hurry();
  }

  destroy(): void {
    this.session.flush();
    this.listenToPage(false);
    clearTimeout(this.lookTimer);
    clearTimeout(this.limitTimer);
    clearTimeout(this.copyTimer);
    this.leave();
    pageTopics.withdraw(this.connection);
    this.connection.stop();
    this.session.destroy();
    this.presence.destroy();
    this.stopKeeping();
    this.doc.off("update", this.onUpdate);
    void this.copy.close();
    this.doc.destroy();
  }

  // ---- the page ------------------------------------------------------------------------------------------

  private listenToPage(on: boolean): void {
    const act = on ? "addEventListener" : "removeEventListener";
    window[act]("online", this.onOnline);
    window[act]("offline", this.onOffline);
    window[act]("pagehide", this.onHide);
    window[act]("pageshow", this.onOnline);
    document[act]("visibilitychange", this.onVisibility);
    document[act]("freeze", this.onFreeze);
    document[act]("resume", this.onOnline);
  }

  private readonly onOnline = (): void => {
    // a page that comes back from the history had said good-bye
    if (this.awareness.getLocalState() === null) this.awareness.setLocalState(this.ownState());
    this.connection.hurry();
  };

  private readonly onOffline = (): void => {
    this.connection.lineCut();
  };

  private readonly onFreeze = (): void => {
    this.session.flush();
  };

  private readonly onVisibility = (): void => {
    if (document.visibilityState === "hidden") this.session.flush();
    else this.connection.hurry();
  };

  private readonly onHide = (): void => {
    this.session.flush();
    this.leave();
  };

  /** Tell the others that we go; a page that comes back (history, back-forward cache) connects anew. */
  private leave(): void {
    removeAwarenessStates(this.awareness, [this.doc.clientID], "leaving");
    this.session.sendAwareness();
  }

  // ---- bookkeeping ---------------------------------------------------------------------------------------

  private setStatus(change: Partial<Status>): void {
    const status = { ...this.status.get(), ...change };
    this.status.set(status);
    this.writable.set(
      status.access === "write" && status.content !== "none" && status.line !== "ended" && !status.refused,
    );
  }

  private setSaving(next: save.Saving): void {
    this.saving = next;
    this.note(false);
    this.look();
  }

  /** Keeps the number of unsent bursts beside the copy. */
  private note(changed: boolean): void {
    const unsent = this.saving.bursts.length;
    if (!changed && unsent === this.noted) return;
    this.noted = unsent;
    this.copy.note(unsent);
  }

  private look(): void {
    const now = Date.now();
    this.saveState.set(save.describe(this.saving, now));
    const next = save.nextLook(this.saving, now);
    if (next === this.nextLook) return;
    this.nextLook = next;
    clearTimeout(this.lookTimer);
    if (next === null) return;
    this.lookTimer = setTimeout(() => {
      this.nextLook = null;
      this.look();
    }, next - now + 10);
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
