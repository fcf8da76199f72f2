import { reconnectDelay } from "./backoff";
import { catchUp, takeEarly } from "./early-line";
import { verdictOn, type Verdict } from "./protocol";

/** The server says something at least every 20 seconds; silence for longer means that the line is dead. */
const SILENCE_LIMIT = 45_000;
const SILENCE_CHECK = 5_000;
/** A server that does not even answer the handshake. */
const OPENING_LIMIT = 15_000;
/** So many failures in a row while the browser says that it is on line: something blocks the socket. */
export const FAILURES_UNTIL_BLOCKED = 5;
const REFUSALS_UNTIL_GIVEN_UP = 3;

export interface ConnectionEvents {
  /** `asked`: the whole document has been asked for already. */
  opened(asked: boolean): void;
  received(frame: Uint8Array): void;
  /** After every loss; `retrying` is false when no further attempt will be made by itself. */
  lost(verdict: Verdict, retrying: boolean): void;
}

export interface ConnectionOptions {
  url: string;
  events: ConnectionEvents;
  /** Replaced in tests. */
  open?: (url: string) => WebSocket;
  random?: () => number;
}

/** One socket at a time to one address, opened again for as long as that makes sense. */
export class Connection {
  /** Attempts that failed since a frame last arrived. */
  failures = 0;
  private socket: WebSocket | null = null;
  private lastHeard = 0;
  private refusals = 0;
  private stopped = true;
  private over = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private watchTimer: ReturnType<typeof setInterval> | undefined;
  private readonly open: (url: string) => WebSocket;
  private readonly random: () => number;

  constructor(private readonly options: ConnectionOptions) {
    this.open = options.open ?? ((url) => new WebSocket(url));
    this.random = options.random ?? Math.random;
  }

  start(): void {
    if (!this.stopped || this.over) return;
    this.stopped = false;
    this.watchTimer = setInterval(() => {
      this.checkSilence();
    }, SILENCE_CHECK);
    this.connect();
  }

  /** Closes the line until `start` is called. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.retryTimer);
    clearInterval(this.watchTimer);
    this.drop();
  }

  get isOpen(): boolean {
    return this.socket?.readyState === 1;
  }

  /** Bytes handed to the browser that have not left it. */
  get backlog(): number {
    return this.socket?.bufferedAmount ?? 0;
  }

  send(frame: Uint8Array): boolean {
    if (!this.isOpen) return false;
    this.socket!.send(frame);
    return true;
  }

  /** The server has taken our changes: earlier refusals no longer count. */
  accepted(): void {
    this.refusals = 0;
  }

  /** Tries at once, unless the line is up; a line that has been silent too long is dropped first. */
  hurry(): void {
    if (this.stopped || this.over) return;
    this.checkSilence();
    if (this.socket !== null) return;
    this.failures = 0;
    clearTimeout(this.retryTimer);
    this.connect();
  }

  /** The browser says that it is off line: do not wait for the silence. */
  lineCut(): void {
    if (this.socket !== null) this.fail("retry");
  }

  private connect(): void {
    const early = takeEarly(this.options.url);
    let socket: WebSocket;
    try {
      socket = early?.socket ?? this.open(this.options.url);
    } catch {
      this.fail("retry");
      return;
    }
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.lastHeard = Date.now();
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.lastHeard = Date.now();
      this.options.events.opened(early?.asked ?? false);
    };
    socket.onmessage = (event: MessageEvent) => {
      if (socket !== this.socket || typeof event.data === "string") return;
      this.lastHeard = Date.now();
      this.failures = 0;
      this.options.events.received(new Uint8Array(event.data as ArrayBuffer));
    };
    socket.onclose = (event: CloseEvent) => {
      if (socket === this.socket) this.fail(verdictOn(event.code));
    };
    if (early !== null) catchUp(early);
  }

  private fail(verdict: Verdict): void {
    this.drop();
    if (this.stopped) return;
    this.failures += 1;
    if (verdict === "refused") this.refusals += 1;
    const retrying = this.worthRetrying(verdict);
    this.over = !retrying;
    if (retrying) this.retryLater(verdict);
    else clearInterval(this.watchTimer);
    this.options.events.lost(verdict, retrying);
  }

  private worthRetrying(verdict: Verdict): boolean {
    if (verdict === "refused") return this.refusals <= REFUSALS_UNTIL_GIVEN_UP;
    return verdict === "retry" || verdict === "now";
  }

  private retryLater(verdict: Verdict): void {
    // an access change that repeats at once would be a loop: only the first return is immediate
    const delay = verdict === "now" && this.failures === 1 ? 0 : reconnectDelay(this.failures - 1, this.random());
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      if (this.socket === null && !this.stopped) this.connect();
    }, delay);
  }

  private checkSilence(): void {
    if (this.socket === null) return;
    const limit = this.isOpen ? SILENCE_LIMIT : OPENING_LIMIT;
    if (Date.now() - this.lastHeard > limit) this.fail("retry");
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = null;
    try {
      socket.close();
    } catch {
      // already closed
    }
  }
}
