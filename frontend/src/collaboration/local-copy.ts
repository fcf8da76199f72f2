/** The copy of a plan on this device: what makes a dropped line or a closed tab harmless. */

import * as idb from "lib0/indexeddb";
import { IndexeddbPersistence } from "y-indexeddb";
import type * as Y from "yjs";
import { OPENING_LIMIT, UNSENT, deleteCopy, remember, within } from "./kept-copies";

/** So long after a change what is known of it is noted. */
const NOTING = 500;

export interface LocalCopyEvents {
  /** Everything up to now is on this device, or cannot be put there. */
  settled(written: boolean): void;
}

export function localCopyName(planId: string, userId: number): string {
  return `plan:${planId}:${userId}`;
}

export class LocalCopy {
  private persistence: IndexeddbPersistence | null = null;
  /** Counts loads and closings: what was closed while it loaded must not go on. */
  private visit = 0;
  private broken = false;
  private unsent = 0;
  /** What the device knows of that. */
  private noted = 0;
  private noteTimer: ReturnType<typeof setTimeout> | undefined;
  private writing = false;
  private again = false;
  /** Keys of earlier visits, removed once their changes are confirmed. */
  private earlier: string[] = [];

  constructor(
    private readonly name: string,
    private readonly doc: Y.Doc,
    private readonly title: string,
    private readonly events: LocalCopyEvents,
  ) {}

  /** Loads the copy into the document; the number of bursts that an earlier visit left unsent, null if there
   *  is no use of this device. */
  async load(): Promise<number | null> {
    void this.close();
    const { visit } = this;
    const openable = await canOpen(this.name);
    if (visit !== this.visit) return null;
    if (!openable) {
      this.fail();
      return null;
    }
    const persistence = new IndexeddbPersistence(this.name, this.doc);
    this.persistence = persistence;
    const opened = await within(persistence.whenSynced, OPENING_LIMIT);
    if (visit !== this.visit) return null;
    if (opened === null || persistence.db === null) {
      this.fail();
      return null;
    }
    this.watch(persistence.db);
    remember(this.name, this.title);
    return await this.earlierUnsent(persistence.db);
  }

  /**
   * How many bursts wait for the server; reports by `settled` when that and the changes are written. That there is
   * something unsent is noted at once, everything else when the typing allows it.
   */
  note(unsent: number): void {
    this.unsent = unsent;
    if (this.broken) {
      this.events.settled(false);
      return;
    }
    if (this.persistence === null) return;
    if (this.writing) this.again = true;
    else if (unsent > this.noted) void this.write();
    else this.noteTimer ??= setTimeout(() => void this.write(), NOTING);
  }

  /** Stops storing: what the page may no longer change must not come back as our change later. */
  async close(): Promise<void> {
    this.visit += 1;
    if (this.noteTimer !== undefined) void this.write();
    const persistence = this.persistence;
    this.persistence = null;
    await persistence?.destroy();
  }

  async remove(): Promise<void> {
    await this.close();
    await deleteCopy(this.name);
  }

  private async write(): Promise<void> {
    const database = this.persistence?.db;
    clearTimeout(this.noteTimer);
    this.noteTimer = undefined;
    if (!database || this.writing) return;
    this.writing = true;
    const { unsent } = this;
    try {
      // the updates store is in the transaction so that it waits for what y-indexeddb wrote before
      const transaction = database.transaction(["updates", "custom"], "readwrite");
      const custom = transaction.objectStore("custom");
      const key = `${UNSENT}${this.doc.clientID}`;
      if (unsent > 0) custom.put(unsent, key);
      else for (const done of [key, ...this.earlier]) custom.delete(done);
      await finished(transaction);
      this.noted = unsent;
      if (unsent === 0) this.earlier = [];
    } catch {
      this.fail();
    }
    this.writing = false;
    if (this.again) {
      this.again = false;
      this.note(this.unsent);
    } else {
      this.events.settled(!this.broken);
    }
  }

  private watch(database: IDBDatabase): void {
    // errors of y-indexeddb's own writes (a full disk, usually) bubble up to here
    database.addEventListener("abort", () => {
      this.fail();
    });
    database.addEventListener("versionchange", () => void this.close());
  }

  private async earlierUnsent(database: IDBDatabase): Promise<number> {
    const [custom] = idb.transact(database, ["custom"], "readonly");
    const entries = (await idb.getAllKeysValues(custom!)) as { k: unknown; v: unknown }[];
    const counts = entries.filter(({ k }) => typeof k === "string" && k.startsWith(UNSENT));
    this.earlier = counts.map(({ k }) => k as string);
    return counts.reduce((sum, { v }) => sum + Number(v), 0);
  }

  private fail(): void {
    if (this.broken) return;
    this.broken = true;
    this.events.settled(false);
  }
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = transaction.onerror = () => {
      reject(transaction.error ?? new Error("the device refused"));
    };
  });
}

/** Private windows and full disks refuse here, before anything relies on the copy. */
async function canOpen(name: string): Promise<boolean> {
  if (typeof indexedDB === "undefined") return false;
  try {
    const database = await within(
      idb.openDB(name, (created: IDBDatabase) => {
        idb.createStores(created, [["updates", { autoIncrement: true }], ["custom"]]);
      }),
      OPENING_LIMIT,
    );
    database?.close();
    return database !== null;
  } catch {
    return false;
  }
}
