import { ask } from "./api";
import type { Thread } from "./types";

/** The API gives so many at once. */
const AT_ONCE = 60;
const AGAIN_AFTER = 5_000;

/** What was said in the threads that are being looked at: fetched when it is wanted, in one request for all. */
export class Bodies {
  private readonly kept = new Map<string, Thread>();
  private readonly stale = new Set<string>();
  private readonly wanted = new Set<string>();
  private asking = false;

  constructor(
    private readonly url: string,
    private readonly came: (threads: readonly Thread[]) => void,
  ) {}

  get(id: string): Thread | undefined {
    return this.kept.get(id);
  }

  put(thread: Thread): void {
    this.kept.set(thread.id, thread);
    this.stale.delete(thread.id);
  }

  /** Something was said in them: what is shown stays until the new comes. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.stale.add(id);
  }

  want(ids: readonly string[]): void {
    for (const id of ids) if (!this.kept.has(id) || this.stale.has(id)) this.wanted.add(id);
    if (!this.asking) void this.fetch();
  }

  /** With all that a long thread leaves out. */
  async fetchWhole(id: string): Promise<void> {
    this.came(await ask<Thread[]>(`${this.url}/some?ids=${id}&whole=true`));
  }

  private async fetch(): Promise<void> {
    const ids = [...this.wanted].slice(0, AT_ONCE);
    if (ids.length === 0) return;
    this.asking = true;
    for (const id of ids) {
      this.wanted.delete(id);
      this.stale.delete(id);
    }
    try {
      this.came(await ask<Thread[]>(`${this.url}/some?ids=${ids.join(",")}`));
      this.asking = false;
      void this.fetch();
    } catch {
      for (const id of ids) this.stale.add(id);
      setTimeout(() => {
        this.asking = false;
        this.came([]); // whoever still wants them asks again
      }, AGAIN_AFTER);
    }
  }
}
