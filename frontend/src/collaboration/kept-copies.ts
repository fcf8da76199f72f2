/** Which plans this device keeps a copy of, and how they leave it. Without Yjs: every page may need it. */

import * as idb from "lib0/indexeddb";

const REGISTER = "plans-on-this-device";
export const UNSENT = "unsent:";
/** A database that does not open by then is treated as one that cannot be had. */
export const OPENING_LIMIT = 4_000;

function register(): Record<string, string> {
  return readRegister() ?? {};
}

/** Null where this device keeps no list. */
function readRegister(): Record<string, string> | null {
  try {
    return JSON.parse(localStorage.getItem(REGISTER) ?? "{}") as Record<string, string>;
  } catch {
    return null;
  }
}

/** False when this device certainly has no copy of this name. */
export function mayHaveCopy(name: string): boolean {
  const names = readRegister();
  return names === null || name in names;
}

function saveRegister(entries: Record<string, string>): void {
  try {
    localStorage.setItem(REGISTER, JSON.stringify(entries));
  } catch {
    // without local storage there is no list; the databases are still found where the browser can list them
  }
}

export function remember(name: string, title: string): void {
  saveRegister({ ...register(), [name]: title });
}

export async function deleteCopy(name: string): Promise<void> {
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

/** The copies of one person on this device. */
export async function keptCopies(userId: number): Promise<KeptCopy[]> {
  const titles = register();
  const names = await copyNames(titles, userId);
  return await Promise.all(names.map(async (name) => kept(name, titles, await unsentIn(name))));
}

function kept(name: string, titles: Record<string, string>, unsent: number): KeptCopy {
  return { planId: name.split(":")[1] ?? "", title: titles[name] ?? "", unsent };
}

/**
 * Removes the copies of one person from this device, or (null) of everyone, as signing out on a shared computer
 * must. Copies with changes that the server has not confirmed stay, and are returned.
 */
export async function clearLocalCopies(userId: number | null): Promise<KeptCopy[]> {
  const titles = register();
  const left: KeptCopy[] = [];
  for (const name of await copyNames(titles, userId)) {
    const unsent = await unsentIn(name);
    if (unsent === 0) await deleteCopy(name);
    else left.push(kept(name, titles, unsent));
  }
  return left;
}

async function copyNames(titles: Record<string, string>, userId: number | null): Promise<string[]> {
  const names = new Set(Object.keys(titles));
  if (typeof indexedDB !== "undefined" && "databases" in indexedDB) {
    for (const { name } of await indexedDB.databases()) if (name) names.add(name);
  }
  const copies = [...names].filter((name) => /^plan:[^:]+:\d+$/.test(name));
  return userId === null ? copies : copies.filter((name) => name.endsWith(`:${String(userId)}`));
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

export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
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
