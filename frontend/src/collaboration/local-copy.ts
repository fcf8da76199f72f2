/** The copy of a plan on this device: what makes a dropped line or a closed tab harmless. */

import * as idb from "lib0/indexeddb";
import { IndexeddbPersistence } from "y-indexeddb";
import type * as Y from "yjs";

const REGISTER = "plans-on-this-device";
const UNSENT = "unsent:";
/** A database that does not open by then is treated as one that cannot be had. */
const OPENING_LIMIT = 4_000;

export interface LocalCopyEvents {
  /** Everything up to now is on this device, or cannot be put there. */
  settled(written: boolean): void;
}

export function localCopyName(planId: string, userId: number): string {
  return `plan:${planId}:${userId}`;
}

export class LocalCopy {
  private persistence: IndexeddbPersistence | null = null;
  private broken = false;
  private unsent = 0;
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
    if (!(await canOpen(this.name))) {
      this.fail();
      return null;
    }
    const persistence = new IndexeddbPersistence(this.name, this.doc);
    this.persistence = persistence;
    const opened = await within(persistence.whenSynced, OPENING_LIMIT);
    if (opened === null || persistence.db === null) {
      this.fail();
      return null;
    }
    this.watch(persistence.db);
    remember(this.name, this.title);
    return await this.earlierUnsent(persistence.db);
  }

  /** How many bursts wait for the server; reports by `settled` when that and the changes are written. */
  note(unsent: number): void {
    this.unsent = unsent;
    if (this.broken) {
      this.events.settled(false);
      return;
    }
    if (this.persistence === null) return;
    if (this.writing) this.again = true;
    else void this.write();
  }

  /** Stops storing: what the page may no longer change must not come back as our change later. */
  async close(): Promise<void> {
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
    if (!database) return;
    this.writing = true;
    try {
      // the updates store is in the transaction so that it waits for what y-indexeddb wrote before
      const transaction = database.transaction(["updates", "custom"], "readwrite");
      const custom = transaction.objectStore("custom");
      const key = `${UNSENT}${this.doc.clientID}`;
      if (this.unsent > 0) custom.put(this.unsent, key);
      else for (const done of [key, ...this.earlier]) custom.delete(done);
      await finished(transaction);
      if (this.unsent === 0) this.earlier = [];
    } catch {
      this.fail();
    }
    this.writing = false;
    if (this.again) {
      this.again = false;
      void this.write();
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

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
    }, milliseconds);
  });
  const first = await Promise.race([promise, limit]);
  clearTimeout(timer);
  return first;
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

function register(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(REGISTER) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

function saveRegister(entries: Record<string, string>): void {
  try {
    localStorage.setItem(REGISTER, JSON.stringify(entries));
  } catch {
    // without local storage there is no list; the databases are still found where the browser can list them
  }
}

function remember(name: string, title: string): void {
  saveRegister({ ...register(), [name]: title });
}

async function deleteCopy(name: string): Promise<void> {
  saveRegister(Object.fromEntries(Object.entries(register()).filter(([known]) => known !== name)));
  try {
    await within(idb.deleteDB(name), OPENING_LIMIT);
  } catch {
    // nothing there
  }
}

export interface KeptCopy {
  planId: string;
  title: string;
  /** Bursts of editing that the server has not confirmed. */
  unsent: number;
}

/**
 * Removes the copies of one person from this device, as signing out on a shared computer must.
 * Copies with unsent changes are kept and returned, unless `evenUnsent`.
 */
export async function clearLocalCopies(userId: number, evenUnsent = false): Promise<KeptCopy[]> {
  const titles = register();
  const kept: KeptCopy[] = [];
  for (const name of await copyNames(titles, userId)) {
    const unsent = evenUnsent ? 0 : await unsentIn(name);
    if (unsent === 0) await deleteCopy(name);
    else kept.push({ planId: name.split(":")[1] ?? "", title: titles[name] ?? "", unsent });
  }
  return kept;
}

async function copyNames(titles: Record<string, string>, userId: number): Promise<string[]> {
  const names = new Set(Object.keys(titles));
  if (typeof indexedDB !== "undefined" && "databases" in indexedDB) {
    for (const { name } of await indexedDB.databases()) if (name) names.add(name);
  }
  return [...names].filter((name) => /^plan:[^:]+:\d+$/.test(name) && name.endsWith(`:${userId}`));
}

async function unsentIn(name: string): Promise<number> {
  let database: IDBDatabase;
  try {
    database = await idb.openDB(name, (created: IDBDatabase) => {
      idb.createStores(created, [["updates", { autoIncrement: true }], ["custom"]]);
    });
  } catch {
    return 0;
  }
  try {
    const [custom] = idb.transact(database, ["custom"], "readonly");
    const entries = (await idb.getAllKeysValues(custom!)) as { k: unknown; v: unknown }[];
    return entries
      .filter(({ k }) => typeof k === "string" && k.startsWith(UNSENT))
      .reduce((sum, { v }) => sum + Number(v), 0);
  } finally {
    database.close();
  }
}
