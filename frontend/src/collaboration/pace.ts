/** How long to gather changes before the next frame. */

const SHORTEST = 30;
const LONGEST = 400;
/** More than this in the browser's own buffer: the line is slower than the typing. */
const BACKLOG_LIMIT = 32_768;
const BACKLOG_PAUSE = 250;

/** Learns from the server's confirmations how quick the line is. Pure. */
export class Pace {
  private roundTrip = 100;
  private lastSent = -Infinity;
  private sentTimes: number[] = [];
  private counted = 0;

  reset(): void {
    this.sentTimes = [];
    this.counted = 0;
    this.lastSent = -Infinity;
  }

  sent(now: number): void {
    this.lastSent = now;
    this.sentTimes.push(now);
  }

  /** The first `frames` frames of this connection are confirmed. */
  confirmed(frames: number, now: number): void {
    while (this.counted < frames && this.sentTimes.length > 0) {
      const taken = now - this.sentTimes.shift()!;
      this.roundTrip += (taken - this.roundTrip) / 4;
      this.counted += 1;
    }
  }

  /** Milliseconds to wait before the next frame; 0 after a pause in the typing. */
  delay(now: number, backlog: number): number {
    if (backlog > BACKLOG_LIMIT) return BACKLOG_PAUSE;
    if (this.sentTimes.length === 0) return 0;
    const gap = Math.min(LONGEST, Math.max(SHORTEST, this.roundTrip / 4));
    return Math.max(0, this.lastSent + gap - now);
  }
}
