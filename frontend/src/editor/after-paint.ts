/** Longest wait for the browser to have nothing else to do, in milliseconds. */
const PATIENCE = 100;

const whenIdle: (act: () => void) => void =
  "requestIdleCallback" in globalThis
    ? (act) => requestIdleCallback(act, { timeout: PATIENCE })
    : (act) => setTimeout(act);

/**
 * Calls `act` once for all calls of a frame, after that frame has been drawn: what stands beside the text must not
 * keep a typed character from the screen.
 */
export function afterPaint(act: () => void): () => void {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      whenIdle(() => {
        scheduled = false;
        act();
      });
    });
  };
}
