import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { reconnectDelay } from "../../src/collaboration/backoff";
import { Connection, FAILURES_UNTIL_BLOCKED } from "../../src/collaboration/connection";
import type { Verdict } from "../../src/collaboration/protocol";
import { FakeSocket } from "./fake-socket";

describe("the pause before another attempt", () => {
  it("doubles from 0.3 s and stays below 20 s", () => {
    expect([0, 1, 2, 3].map((failures) => reconnectDelay(failures, 1))).toEqual([300, 600, 1_200, 2_400]);
    expect(reconnectDelay(50, 1)).toBe(20_000);
  });

  it("is spread over half of its length", () => {
    expect(reconnectDelay(2, 0)).toBe(600);
  });
});

/** Runs the clock until another socket is opened, at most 21 seconds. */
function untilNextSocket(): void {
  const before = FakeSocket.made.length;
  for (let waited = 0; waited < 21_000 && FakeSocket.made.length === before; waited += 100) vi.advanceTimersByTime(100);
}

describe("a connection", () => {
  let losses: { verdict: Verdict; retrying: boolean }[];
  let connection: Connection;

  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.reset();
    losses = [];
    connection = new Connection({
      url: "ws://plan",
      open: (url) => new FakeSocket(url) as unknown as WebSocket,
      random: () => 1,
      events: {
        opened: () => undefined,
        received: () => undefined,
        lost: (verdict, retrying) => losses.push({ verdict, retrying }),
      },
    });
    connection.start();
  });

  afterEach(() => {
    connection.stop();
    vi.useRealTimers();
  });

  it("comes back after a loss, with growing pauses", () => {
    FakeSocket.last.closeWith(1006);
    vi.advanceTimersByTime(299);
    expect(FakeSocket.made).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.last.closeWith(1006);
    vi.advanceTimersByTime(599);
    expect(FakeSocket.made).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.made).toHaveLength(3);
  });

  it("starts with the short pause again once the server has spoken", () => {
    for (let attempt = 0; attempt < 4; attempt += 1) {
      FakeSocket.last.closeWith(1006);
      untilNextSocket();
    }
    expect(connection.failures).toBe(4);
    FakeSocket.last.accept();
    FakeSocket.last.deliver(new Uint8Array([1]));
    expect(connection.failures).toBe(0);
  });

  it("counts failures so that a blocked socket can be told from a short outage", () => {
    for (let attempt = 0; attempt < FAILURES_UNTIL_BLOCKED; attempt += 1) {
      FakeSocket.last.closeWith(1006);
      untilNextSocket();
    }
    expect(connection.failures).toBe(FAILURES_UNTIL_BLOCKED);
  });

  it("comes back at once when the right has changed, but does not spin", () => {
    FakeSocket.last.accept();
    FakeSocket.last.deliver(new Uint8Array([1]));
    FakeSocket.last.closeWith(4423);
    vi.advanceTimersByTime(0);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.last.closeWith(4423);
    vi.advanceTimersByTime(0);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it.each([
    [4401, "signed-out"],
    [4403, "no-right"],
    [4404, "missing"],
    [4410, "deleted"],
  ])("does not come back after %i", (code, verdict) => {
    FakeSocket.last.closeWith(code);
    vi.advanceTimersByTime(120_000);
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(1);
    expect(losses).toEqual([{ verdict, retrying: false }]);
  });

  it.each([4400, 4413, 4420, 4421, 4422])("gives up after three returns to a server that answers %i", (code) => {
    for (let attempt = 0; attempt < 6; attempt += 1) {
      FakeSocket.last.accept();
      FakeSocket.last.deliver(new Uint8Array([1]));
      FakeSocket.last.closeWith(code);
      untilNextSocket();
    }
    expect(FakeSocket.made).toHaveLength(4);
    expect(losses[losses.length - 1]).toEqual({ verdict: "refused", retrying: false });
  });

  it("forgets refusals once changes were taken", () => {
    for (let attempt = 0; attempt < 6; attempt += 1) {
      FakeSocket.last.accept();
      connection.accepted();
      FakeSocket.last.closeWith(4422);
      untilNextSocket();
    }
    expect(FakeSocket.made).toHaveLength(7);
  });

  it("drops a line on which nothing was heard for 45 seconds", () => {
    FakeSocket.last.accept();
    vi.advanceTimersByTime(40_000);
    FakeSocket.last.deliver(new Uint8Array([1]));
    vi.advanceTimersByTime(44_000);
    expect(losses).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(losses).toEqual([{ verdict: "retry", retrying: true }]);
  });

  it("does not wait when the browser says that the line is back", () => {
    for (let attempt = 0; attempt < 6; attempt += 1) {
      FakeSocket.last.closeWith(1006);
      if (attempt < 5) untilNextSocket();
    }
    const before = FakeSocket.made.length;
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(before + 1);
  });

  it("keeps one socket: hurrying twice opens one", () => {
    connection.hurry();
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(1);
  });

  it("survives an address that the browser refuses to open", () => {
    const failing = new Connection({
      url: "ws://plan",
      open: () => {
        throw new SyntaxError("blocked");
      },
      events: { opened: () => undefined, received: () => undefined, lost: (verdict) => losses.push({ verdict, retrying: true }) },
    });
    failing.start();
    expect(losses).toEqual([{ verdict: "retry", retrying: true }]);
    failing.stop();
  });
});
