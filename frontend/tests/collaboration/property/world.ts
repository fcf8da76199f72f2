/** A browser page in Node: jsdom, and a socket that carries a session cookie. Import before anything of the editor. */

// @ts-expect-error: jsdom brings no types of its own
import { JSDOM } from "jsdom";
import WebSocket from "ws";

const PAGE = "<!doctype html><html lang='zh-hans'><body></body></html>";
// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call
const dom = new JSDOM(PAGE, { url: "http://127.0.0.1/", pretendToBeVisual: true });
const { window } = dom as { window: Window & typeof globalThis };

const NAMES = [
  "window document navigator location Node Element HTMLElement DocumentFragment Text Range Selection getSelection",
  "MutationObserver DOMParser XMLSerializer getComputedStyle Event KeyboardEvent CompositionEvent InputEvent",
  "ClipboardEvent DataTransfer requestAnimationFrame cancelAnimationFrame SVGElement HTMLTableElement localStorage",
]
  .join(" ")
  .split(" ");
for (const name of NAMES) {
  const value = (window as unknown as Record<string, unknown>)[name];
  if (value === undefined) continue;
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
const noBox = { x: 0, y: 0, top: 0, left: 0, right: 0, bottom: 0, width: 0, height: 0, toJSON: () => ({}) };
window.Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
window.Range.prototype.getBoundingClientRect = () => noBox;
window.Element.prototype.getClientRects = () => [] as unknown as DOMRectList;
window.document.elementFromPoint = () => null;

const sessions = new Map<string, string>();

/** Signs somebody in: sockets to addresses with `as=USER` carry this session. */
export function signIn(user: number, session: string): void {
  sessions.set(String(user), session);
}

class SocketWithCookie extends WebSocket {
  /** The line is dead, but nobody has noticed: nothing comes or goes. */
  dead = false;

  constructor(url: string) {
    const { searchParams, host } = new URL(url);
    const session = sessions.get(searchParams.get("as") ?? "") ?? "";
    super(url, { headers: { Cookie: `sessionid=${session}`, Origin: `http://${host}` } });
    // closed before it was open: no news
    this.on("error", () => undefined);
  }

  override send(data: Buffer): void {
    if (!this.dead) super.send(data);
  }

  override emit(event: string, ...values: unknown[]): boolean {
    return this.dead && event === "message" ? false : super.emit(event, ...values);
  }
}
Object.defineProperty(globalThis, "WebSocket", { value: SocketWithCookie, configurable: true, writable: true });
