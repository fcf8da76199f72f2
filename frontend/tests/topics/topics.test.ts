import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { TopicEvent, TopicMessage } from "../../src/topics/protocol";
import { Topics, type TopicLine, type TopicListener } from "../../src/topics/topics";
import { FakeSocket } from "../collaboration/fake-socket";
import { Random } from "../collaboration/property/random";

const BOARD = "board:00000000-0000-0000-0000-000000000001";
const OTHER = "board:00000000-0000-0000-0000-000000000002";

interface Request {
  type: "follow" | "unfollow";
  topic: string;
  after?: number;
}

function frame(message: TopicMessage): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 18);
  encoding.writeVarString(encoder, JSON.stringify(message));
  return encoding.toUint8Array(encoder);
}

function read(bytes: Uint8Array): Request {
  const decoder = decoding.createDecoder(bytes);
  expect(decoding.readVarUint(decoder)).toBe(18);
  return JSON.parse(decoding.readVarString(decoder)) as Request;
}

function event(number: number): TopicEvent {
  return { number, kind: "pinned", data: { name: `第 ${String(number)}` }, actor: null, at: "2026-09-01T08:00:00.000+00:00" };
}

function page(after: number, numbers: number[], through: number, more = false): TopicMessage {
  return { type: "events", topic: BOARD, events: numbers.map(event), after, through, more };
}

/** A document's socket without a network. */
class Line implements TopicLine {
  isOpen = true;
  cuts = 0;
  said: Request[] = [];
  send(bytes: Uint8Array): boolean {
    if (this.isOpen) this.said.push(read(bytes));
    return this.isOpen;
  }
  lineCut(): void {
    this.cuts += 1;
  }
}

class Listener implements TopicListener {
  numbers: number[] = [];
  ends: string[] = [];
  event(got: TopicEvent): void {
    this.numbers.push(got.number);
  }
  reset(): void {
    this.ends.push("reset");
  }
  refused(reason: string): void {
    this.ends.push(reason);
  }
}

let topics: Topics;
let line: Line;
let listener: Listener;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.reset();
  topics = new Topics((url) => new FakeSocket(url) as unknown as WebSocket);
  line = new Line();
  listener = new Listener();
});

afterEach(() => {
  vi.useRealTimers();
});

const requests = (socket: FakeSocket): Request[] => socket.sent.map(read);

describe("topics over the socket of a document", () => {
  beforeEach(() => {
    topics.provide(line);
  });

  it("asks for what came after the cursor and hands over each event once, in order", () => {
    topics.follow(BOARD, 3, listener);
    expect(line.said).toEqual([{ type: "follow", topic: BOARD, after: 3 }]);
    topics.received(line, frame(page(3, [4, 5], 5)));
    topics.received(line, frame(page(5, [7], 7)));
    topics.received(line, frame(page(5, [7, 8], 8)));
    expect(listener.numbers).toEqual([4, 5, 7, 8]);
  });

  it("asks for the rest of a long absence page by page", () => {
    topics.follow(BOARD, 0, listener);
    topics.received(line, frame(page(0, [1, 2], 2, true)));
    topics.received(line, frame(page(2, [], 9, true)));
    topics.received(line, frame(page(9, [10], 10)));
    expect(line.said.map(({ after }) => after)).toEqual([0, 2, 9]);
    expect(listener.numbers).toEqual([1, 2, 10]);
  });

  it("goes on from the cursor when the line is back", () => {
    line.isOpen = false;
    topics.follow(BOARD, 0, listener);
    expect(line.said).toEqual([]);
    line.isOpen = true;
    topics.opened(line);
    topics.received(line, frame(page(0, [1], 4)));
    topics.opened(line);
    expect(line.said.map(({ after }) => after)).toEqual([0, 4]);
  });

  it("passes over what an earlier wish still brings, and asks when something is missing", () => {
    topics.follow(BOARD, 2, listener);
    topics.received(line, frame(page(6, [7], 7)));
    expect(listener.numbers).toEqual([]);
    expect(line.said).toHaveLength(1);
    topics.received(line, frame(page(2, [3], 3)));
    topics.received(line, frame(page(5, [6], 6)));
    expect(line.said.map(({ after }) => after)).toEqual([2, 3]);
    topics.received(line, frame(page(6, [7], 7)));
    topics.received(line, frame(page(3, [4, 5, 6, 7], 7)));
    expect(line.said).toHaveLength(2);
    expect(listener.numbers).toEqual([3, 4, 5, 6, 7]);
  });

  it.each([
    [{ type: "reset", topic: BOARD } as const, "reset"],
    [{ type: "refused", topic: BOARD, reason: "no-right" } as const, "no-right"],
  ])("says that it ended, and may be followed again: %j", (message, end) => {
    topics.follow(BOARD, 2, listener);
    topics.received(line, frame(message));
    topics.received(line, frame(page(2, [3], 3)));
    topics.opened(line);
    expect(listener.ends).toEqual([end]);
    expect(listener.numbers).toEqual([]);
    topics.follow(BOARD, 9, listener);
    expect(line.said.map(({ after }) => after)).toEqual([2, 9]);
  });

  it("stops when nobody wants it any more", () => {
    const stop = topics.follow(BOARD, 0, listener);
    stop();
    stop();
    topics.received(line, frame(page(0, [1], 1)));
    expect(line.said.map(({ type }) => type)).toEqual(["follow", "unfollow"]);
    expect(listener.numbers).toEqual([]);
  });

  it("a listener that stops in the middle of a page hears no more and asks no more", () => {
    const stop = topics.follow(BOARD, 0, listener);
    vi.spyOn(listener, "event").mockImplementation(() => {
      stop();
    });
    topics.received(line, frame(page(0, [1, 2], 2, true)));
    expect(listener.event).toHaveBeenCalledTimes(1);
    expect(line.said.map(({ type }) => type)).toEqual(["follow", "unfollow"]);
  });

  it("a listener that fails keeps nobody from anything", () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.spyOn(listener, "event").mockImplementation(() => {
      throw new Error("of the page");
    });
    topics.follow(BOARD, 0, listener);
    topics.received(line, frame(page(0, [1, 2], 2)));
    expect(listener.event).toHaveBeenCalledTimes(2);
  });

  it("breaks a line off that sends nonsense", () => {
    topics.follow(BOARD, 0, listener);
    topics.received(line, new Uint8Array([18, 200]));
    expect(line.cuts).toBe(1);
  });

  it("one topic has one follower", () => {
    topics.follow(BOARD, 0, listener);
    topics.follow(OTHER, 0, listener);
    expect(() => topics.follow(BOARD, 0, listener)).toThrow();
  });
});

describe("topics on a page without a document", () => {
  it("open one socket, a moment later, and close it when nothing is followed", () => {
    const stops = [topics.follow(BOARD, 1, listener), topics.follow(OTHER, 2, listener)];
    vi.advanceTimersByTime(999);
    expect(FakeSocket.made).toHaveLength(0);
    vi.advanceTimersByTime(5_000);
    expect(FakeSocket.made.map(({ url }) => new URL(url).pathname)).toEqual(["/ws/topics/"]);
    FakeSocket.last.accept();
    expect(requests(FakeSocket.last).map(({ after }) => after)).toEqual([1, 2]);
    FakeSocket.last.deliver(frame(page(1, [2], 2)));
    expect(listener.numbers).toEqual([2]);
    for (const stop of stops) stop();
    expect(FakeSocket.last.readyState).toBe(3);
  });

  it("come back by themselves from where they were", () => {
    topics.follow(BOARD, 0, listener);
    vi.advanceTimersByTime(1_000);
    FakeSocket.last.accept();
    FakeSocket.last.deliver(frame(page(0, [1, 2], 2)));
    FakeSocket.last.closeWith(1006);
    vi.advanceTimersByTime(1_000);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.last.accept();
    expect(requests(FakeSocket.last)).toEqual([{ type: "follow", topic: BOARD, after: 2 }]);
  });

  it("wait for a document that the page opens, and need no socket then", () => {
    topics.follow(BOARD, 0, listener);
    topics.provide(line);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(0);
    expect(line.said).toEqual([{ type: "follow", topic: BOARD, after: 0 }]);
  });

  it("move to a document that is opened later, and away from one that is closed", () => {
    topics.follow(BOARD, 0, listener);
    vi.advanceTimersByTime(1_000);
    const own = FakeSocket.last;
    own.accept();
    own.deliver(frame(page(0, [1], 1)));
    topics.provide(line);
    expect(own.readyState).toBe(3);
    expect(line.said).toEqual([{ type: "follow", topic: BOARD, after: 1 }]);
    topics.received(line, frame(page(1, [2], 2)));
    topics.withdraw(new Line());
    topics.withdraw(line);
    topics.received(line, frame(page(2, [3], 3)));
    vi.advanceTimersByTime(0);
    FakeSocket.last.accept();
    expect(requests(FakeSocket.last)).toEqual([{ type: "follow", topic: BOARD, after: 2 }]);
    expect(listener.numbers).toEqual([1, 2]);
  });
});

/** What realtime/topic_stream.py does, in few lines: it answers late, in pages, and the line is cut at any moment. */
class Server {
  published = 0;
  private cursor: number | null = null;
  private readonly waiting: Uint8Array[] = [];

  constructor(private readonly random: Random) {}

  publish(): void {
    this.published += 1;
    if (this.cursor !== this.published - 1) return;
    this.waiting.push(frame(page(this.cursor, [this.published], this.published)));
    this.cursor = this.published;
  }

  hear({ type, after }: Request): void {
    this.cursor = null;
    if (type === "unfollow") return;
    const through = Math.min(this.published, after! + 1 + this.random.below(4));
    const numbers = Array.from({ length: through - after! }, (_, index) => after! + 1 + index);
    this.waiting.push(frame(page(after!, numbers, through, through < this.published)));
    if (through === this.published) this.cursor = through;
  }

  next(): Uint8Array | undefined {
    return this.waiting.shift();
  }

  cut(): void {
    this.waiting.length = 0;
    this.cursor = null;
  }
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])("whatever is cut and begun anew, each event arrives once and in order (%i)", (seed) => {
  const random = new Random(seed);
  const server = new Server(random);
  topics.provide(line);
  let stop = topics.follow(BOARD, 0, listener);
  const exchange = (): void => {
    for (const request of line.said.splice(0)) server.hear(request);
    const bytes = server.next();
    if (bytes !== undefined) topics.received(line, bytes);
  };
  for (let step = 0; step < 2_000; step += 1) {
    const act = random.below(20);
    if (act < 6) server.publish();
    else if (act < 18) exchange();
    else if (act < 19) {
      server.cut();
      line.said.length = 0;
      topics.opened(line);
    } else {
      stop();
      stop = topics.follow(BOARD, listener.numbers.length, listener);
    }
  }
  for (let step = 0; step < 2_000; step += 1) exchange();
  expect(server.published).toBeGreaterThan(300);
  expect(listener.numbers).toEqual(Array.from({ length: server.published }, (_, index) => index + 1));
});
