import * as Y from "yjs";

/** Milliseconds between two redraws for the others' changes: one frame, longer where a redraw takes longer. */
const SHORTEST = 16;
const LONGEST = 50;

/**
 * What the others change, on its way into the document. While much of it comes, the page rests between two redraws
 * as long as the last one took: half of the time is left for what is typed here. Nothing comes in while an input
 * method composes.
 */
export class Incoming {
  private waiting: Uint8Array[] = [];
  private holding = false;
  private restUntil = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly apply: (update: Uint8Array) => void) {}

  add(update: Uint8Array): void {
    this.waiting.push(update);
    const rest = this.restUntil - performance.now();
    if (rest <= 0) this.release();
    else
      this.timer ??= setTimeout(() => {
        this.release();
      }, rest);
  }

  /** Lets in what waits; false while it may not. */
  release(): boolean {
    this.stopTimer();
    if (this.holding) return false;
    if (this.waiting.length > 0) this.applyWaiting();
    return true;
  }

  hold(waiting: boolean): void {
    this.holding = waiting;
    this.release();
  }

  /** The line is gone: the server sends again what could not be let in. */
  lineLost(): void {
    this.release();
    this.waiting = [];
  }

  destroy(): void {
    this.stopTimer();
  }

  private applyWaiting(): void {
    const update = this.waiting.length === 1 ? this.waiting[0]! : Y.mergeUpdates(this.waiting);
    this.waiting = [];
    const start = performance.now();
    this.apply(update);
    const end = performance.now();
    this.restUntil = end + Math.min(LONGEST, Math.max(SHORTEST, end - start));
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
