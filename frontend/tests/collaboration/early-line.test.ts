import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as Y from "yjs";

import { Connection } from "../../src/collaboration/connection";
import { step1Frame, type Verdict } from "../../src/collaboration/protocol";

const SCRIPT = readFileSync(join(import.meta.dirname, "../../../prep_platform/static/prep/line.js"), "utf8");
const ADDRESS = "ws://localhost:3000/ws/docs/lesson-plan/1?schema=1";

class Socket extends EventTarget {
  static made: Socket[] = [];
  binaryType = "blob";
  readyState = 0;
  bufferedAmount = 0;
  sent: Uint8Array[] = [];
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: Event) => void) | null = null;
  onclose: ((event: Event) => void) | null = null;

  constructor(readonly url: string) {
    super();
    Socket.made.push(this);
  }

  say(event: Event): void {
    const handler = event.type === "open" ? this.onopen : event.type === "message" ? this.onmessage : this.onclose;
    handler?.(event);
    this.dispatchEvent(event);
  }

  send(frame: Uint8Array): void {
    this.sent.push(frame);
  }

  close(): void {
    this.readyState = 3;
  }
}

/** Runs the script as the page does, with its own element as the current one. */
function runScript(): void {
  const script = document.createElement("script");
  script.dataset.socket = "/ws/docs/lesson-plan/1?schema=1";
  script.dataset.copy = "plan:1:7";
  vi.spyOn(document, "currentScript", "get").mockReturnValue(script);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function(SCRIPT)();
}

describe("the line opened before the page's script", () => {
  let heard: string[];
  let connection: Connection;

  const connect = (url: string): void => {
    connection = new Connection({
      url,
      events: {
        opened: (asked) => heard.push(asked ? "opened, asked" : "opened"),
        received: (frame) => heard.push(`frame ${String(frame[0])}`),
        lost: (verdict: Verdict) => heard.push(verdict),
      },
    });
    connection.start();
  };

  beforeEach(() => {
    heard = [];
    Socket.made = [];
    vi.stubGlobal("WebSocket", Socket);
    vi.stubGlobal("location", new URL("http://localhost:3000/plans/1/"));
    runScript();
  });

  afterEach(() => {
    localStorage.clear();
    connection.stop();
    vi.unstubAllGlobals();
  });

  it("is taken over with all that was said on it, in order", () => {
    const early = Socket.made[0]!;
    early.say(new Event("open"));
    early.say(new MessageEvent("message", { data: new Uint8Array([17]).buffer }));
    connect(ADDRESS);
    early.say(new MessageEvent("message", { data: new Uint8Array([0]).buffer }));
    expect(heard).toEqual(["opened, asked", "frame 17", "frame 0"]);
    expect(Socket.made).toHaveLength(1);
  });

  it.each(["before", "after"])("asks for the whole plan, as with nothing in hand, when it opens %s the page", (when) => {
    const early = Socket.made[0]!;
    if (when === "after") connect(ADDRESS);
    early.say(new Event("open"));
    if (when === "before") connect(ADDRESS);
    expect(early.sent).toEqual([step1Frame(Y.encodeStateVector(new Y.Doc()))]);
    expect(heard).toEqual(["opened, asked"]);
  });

  it("asks nothing where this device has a copy", () => {
    localStorage.setItem("plans-on-this-device", JSON.stringify({ "plan:1:7": "山行" }));
    runScript();
    const early = Socket.made[1]!;
    early.say(new Event("open"));
    connect(ADDRESS);
    expect(early.sent).toEqual([]);
    expect(heard).toEqual(["opened"]);
  });

  it("that was refused is a loss like any other", () => {
    Socket.made[0]!.say(new CloseEvent("close", { code: 1006 }));
    connect(ADDRESS);
    expect(heard).toEqual(["retry"]);
  });

  it("is not taken for another address, nor twice", () => {
    connect(`${ADDRESS}0`);
    expect(Socket.made).toHaveLength(2);
    connection.stop();
    connect(ADDRESS);
    expect(Socket.made).toHaveLength(3);
  });
});
