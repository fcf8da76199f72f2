const FIRST_SECONDS = 0.3;
const LONGEST_SECONDS = 20;

/** Milliseconds before the attempt after `failures` failed ones: doubling, with jitter so that a whole
 *  school does not come back in the same instant after an outage. `random` is from 0 to 1. */
export function reconnectDelay(failures: number, random: number): number {
  const longest = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** failures);
  return 1000 * longest * (0.5 + random / 2);
}
