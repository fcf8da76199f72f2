import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchRest } from "../../src/site/shared-computer";

const shown: string[] = [];
vi.mock("../../src/site/dialogs", () => ({
  openDialog: () => Promise.resolve(void shown.push("warning")),
  closeDialog: () => Promise.resolve(void shown.push("closed")),
}));

const REST = { idleSeconds: 600, warningSeconds: 120, aliveUrl: "/account/alive/" };
const told = vi.fn(() => Promise.resolve(new Response()));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", told);
  told.mockClear();
  shown.length = 0;
  localStorage.clear();
  document.body.innerHTML = '<div id="rest-warning"></div>';
});

let stop: () => void;

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function start(): () => boolean {
  let left = false;
  stop = watchRest(REST, () => {
    left = true;
  });
  return () => left;
}

function act(): void {
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
}

test("who rests is warned, then signed out", () => {
  const left = start();
  vi.advanceTimersByTime(475_000);
  expect(shown).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(shown).toEqual(["warning"]);
  expect(left()).toBe(false);
  vi.advanceTimersByTime(120_000);
  expect(left()).toBe(true);
  expect(shown).toEqual(["warning"]);
});

test("a key or a touch takes the warning away and starts anew", () => {
  const left = start();
  vi.advanceTimersByTime(500_000);
  act();
  expect(shown).toEqual(["warning", "closed"]);
  vi.advanceTimersByTime(470_000);
  expect(left()).toBe(false);
});

test("another tab in use keeps this one alive", () => {
  const left = start();
  vi.advanceTimersByTime(590_000);
  localStorage.setItem("last-act-on-this-computer", String(Date.now()));
  vi.advanceTimersByTime(400_000);
  expect(left()).toBe(false);
});

test("the server hears of a person who writes, but not of every key", () => {
  start();
  for (let second = 0; second < 300; second++) {
    act();
    vi.advanceTimersByTime(1_000);
  }
  expect(told.mock.calls.length).toBe(2);
});

test("nobody at the computer, nothing to tell", () => {
  start();
  vi.advanceTimersByTime(590_000);
  expect(told).not.toHaveBeenCalled();
});
