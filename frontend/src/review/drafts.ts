/** An opinion that was not sent yet stays on this device: a reload, a cut line or a power cut loses no word. */
export interface Draft {
  level: string;
  opinion: string;
  kept: number;
}

const KEPT = 30 * 24 * 3600 * 1000;

export class Drafts {
  constructor(private readonly key: string) {}

  read(): Draft | null {
    try {
      const found = JSON.parse(localStorage.getItem(this.key) ?? "null") as Draft | null;
      return found && Date.now() - found.kept < KEPT ? found : null;
    } catch {
      return null;
    }
  }

  /** False where this device keeps nothing. */
  write(level: string, opinion: string): boolean {
    try {
      localStorage.setItem(this.key, JSON.stringify({ level, opinion, kept: Date.now() } satisfies Draft));
      return true;
    } catch {
      return false;
    }
  }

  drop(): void {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // there was none
    }
  }
}
