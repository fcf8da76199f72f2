/** The line that prep_platform/static/prep/line.js opened while the page's script was on its way. */

interface EarlyLine {
  socket: WebSocket;
  said: Event[];
  /** It has asked for the whole plan already. */
  asked: boolean;
}

/** The line to this address, if it was opened. */
export function takeEarly(url: string): EarlyLine | null {
  const page = globalThis as { earlyLine?: EarlyLine | undefined };
  const early = page.earlyLine;
  page.earlyLine = undefined;
  if (early === undefined || early.socket.url === url) return early ?? null;
  early.socket.close();
  return null;
}

/** Tells the line's present handlers what they missed. */
export function catchUp({ socket, said }: EarlyLine): void {
  for (const event of said) {
    if (event.type === "open") socket.onopen?.(event);
    else if (event.type === "message") socket.onmessage?.(event as MessageEvent);
    else socket.onclose?.(event as CloseEvent);
  }
}
