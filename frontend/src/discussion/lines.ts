import { pageTopics } from "../topics";
import { ask, Refused } from "./api";
import type { Line, Lines } from "./types";

const AGAIN_AFTER = 5_000;

/** Every thread of the plan in short, as of this moment. */
export class ThreadLines {
  private readonly lines = new Map<string, Line>();
  private readonly listeners = new Set<(changed: readonly Line[], by: number | null) => void>();
  private stopFollowing: () => void = () => undefined;
  mayComment = false;
  loaded = false;

  /** It asks at once: the answer comes while the plan is on its way. */
  constructor(private readonly url: string) {
    void this.load();
  }

  /** Calls `listen` with what is new or changed, and who did it; with everything when all came anew. */
  subscribe(listen: (changed: readonly Line[], by: number | null) => void): void {
    this.listeners.add(listen);
    if (this.loaded) listen(this.all(), null);
  }

  all(): Line[] {
    return [...this.lines.values()];
  }

  get(id: string): Line | undefined {
    return this.lines.get(id);
  }

  put(line: Line, by: number | null = null): void {
    this.lines.set(line.id, line);
    this.tell([line], by);
  }

  /** Rights have changed: what may be done, and whether we may follow at all. */
  reload(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    let found: Lines;
    try {
      found = await ask<Lines>(this.url);
    } catch (error) {
      // what is refused the page says by itself; a line comes back
      const passing = !(error instanceof Refused) || error.status === 0 || error.status >= 500;
      if (passing) setTimeout(() => void this.load(), AGAIN_AFTER);
      return;
    }
    this.mayComment = found.may_comment;
    this.loaded = true;
    for (const line of found.threads) this.lines.set(line.id, line);
    this.follow(found.topic, found.cursor);
    this.tell(this.all(), null);
  }

  private follow(topic: string, cursor: number): void {
    this.stopFollowing();
    this.stopFollowing = pageTopics.follow(topic, cursor, {
      event: ({ data, actor }) => {
        const news = data as Omit<Line, "mine" | "names_me">;
        const before = this.lines.get(news.id);
        this.put({ ...news, mine: before?.mine ?? false, names_me: before?.names_me ?? false }, actor);
      },
      reset: () => void this.load(),
      refused: () => undefined,
    });
  }

  private tell(changed: readonly Line[], by: number | null): void {
    for (const listen of this.listeners) listen(changed, by);
  }
}
