import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as Y from "yjs";

import { Incoming } from "../../src/collaboration/incoming";

describe("what the others change", () => {
  let doc: Y.Doc;
  let applied: string[];
  let redraw: number;
  let incoming: Incoming;
  let updates: Uint8Array[];

  /** The next letters of the other, one update each. */
  const letters = (count: number): void => {
    for (const update of updates.splice(0, count)) incoming.add(update);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    doc = new Y.Doc();
    applied = [];
    redraw = 0;
    incoming = new Incoming((update) => {
      Y.applyUpdate(doc, update);
      applied.push(doc.getText("t").toJSON());
      vi.setSystemTime(Date.now() + redraw);
      vi.advanceTimersByTime(redraw);
    });
    const other = new Y.Doc();
    updates = [];
    other.on("update", (update: Uint8Array) => updates.push(update));
    for (const letter of "abcdefgh") other.getText("t").insert(other.getText("t").length, letter);
  });

  afterEach(() => {
    incoming.destroy();
    vi.useRealTimers();
  });

  it("is shown at once after a pause", () => {
    letters(1);
    expect(applied).toEqual(["a"]);
    vi.advanceTimersByTime(100);
    letters(1);
    expect(applied).toEqual(["a", "ab"]);
  });

  it("is gathered to one redraw a frame while much of it comes", () => {
    letters(5);
    expect(applied).toEqual(["a"]);
    vi.advanceTimersByTime(16);
    expect(applied).toEqual(["a", "abcde"]);
  });

  it("leaves half of the time to the person where redraws take long, and waits 50 ms at most", () => {
    redraw = 40;
    letters(2);
    vi.advanceTimersByTime(39);
    expect(applied).toEqual(["a"]);
    vi.advanceTimersByTime(1);
    expect(applied).toEqual(["a", "ab"]);
    redraw = 300;
    vi.advanceTimersByTime(100);
    letters(2);
    vi.advanceTimersByTime(50);
    expect(applied).toEqual(["a", "ab", "abc", "abcd"]);
  });

  it("does not wait for a timer that is late", () => {
    letters(2);
    // a page in the background: its timers come once in a while
    vi.setSystemTime(Date.now() + 1_000);
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 1_000);
    letters(1);
    expect(applied).toEqual(["a", "abc"]);
  });

  it("stays out while an input method composes, however long", () => {
    letters(2);
    incoming.hold(true);
    vi.advanceTimersByTime(1_000);
    letters(2);
    expect(applied).toEqual(["a"]);
    incoming.hold(false);
    expect(applied).toEqual(["a", "abcd"]);
  });

  it("is let in when the line is lost, but not into a composition", () => {
    letters(2);
    incoming.lineLost();
    expect(applied).toEqual(["a", "ab"]);
    incoming.hold(true);
    letters(1);
    incoming.lineLost();
    incoming.hold(false);
    expect(applied).toEqual(["a", "ab"]);
  });
});
