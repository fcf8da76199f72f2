import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startKeys } from "../../src/review/keys";

const desk = { choose: vi.fn(), go: vi.fn(), save: vi.fn() };

function press(selector: string, key: string, more: KeyboardEventInit = {}): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  document.querySelector(selector)!.dispatchEvent(event);
  return event.defaultPrevented;
}

beforeAll(() => {
  startKeys(desk);
});

beforeEach(() => {
  vi.clearAllMocks();
  document.body.innerHTML = `<main tabindex="-1"><textarea></textarea><input type="radio"><input type="search"><a href="#">x</a></main>`;
});

describe("while nothing is typed", () => {
  test.each([
    ["j", 1],
    ["J", 1],
    ["ArrowRight", 1],
    ["k", -1],
    ["ArrowLeft", -1],
  ])("%s goes to another plan", (key, step) => {
    expect(press("main", key)).toBe(true);
    expect(desk.go).toHaveBeenCalledWith(step);
  });

  test("a figure chooses the level of that place", () => {
    expect(press("a", "3")).toBe(true);
    expect(desk.choose).toHaveBeenCalledWith(3);
    expect(press("a", "0")).toBe(false);
  });

  test("other keys, and those that the browser has a use for, are left alone", () => {
    expect(press("main", "x")).toBe(false);
    expect(press("main", "j", { ctrlKey: true })).toBe(false);
    expect(press("main", "ArrowLeft", { altKey: true })).toBe(false);
    expect(desk.go).not.toHaveBeenCalled();
  });
});

test.each(["textarea", "[type=search]"])("in %s letters and figures are text", (selector) => {
  for (const key of ["j", "k", "1", "ArrowLeft"]) expect(press(selector, key)).toBe(false);
  expect(desk.go).not.toHaveBeenCalled();
  expect(desk.choose).not.toHaveBeenCalled();
});

test("among the levels the arrows choose, and the letters lead on", () => {
  expect(press("[type=radio]", "ArrowRight")).toBe(false);
  expect(press("[type=radio]", "j")).toBe(true);
  expect(desk.go).toHaveBeenCalledTimes(1);
});

test("Ctrl+Enter saves from everywhere, but not while a word is being composed", () => {
  press("textarea", "Enter", { ctrlKey: true, isComposing: true });
  expect(desk.save).not.toHaveBeenCalled();
  press("textarea", "Enter", { ctrlKey: true });
  press("main", "Enter", { metaKey: true });
  expect(desk.save).toHaveBeenCalledTimes(2);
});
