import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startPreferences } from "../../src/site/preferences";

const MARKUP = `<button data-theme-choice="system"></button><button data-theme-choice="dark"></button>
  <button data-theme-toggle><svg><use href="#i-moon"/></svg></button>
  <button data-text-size-choice="normal"></button><button data-text-size-choice="largest"></button>
  <button data-text-size-next></button>`;

const root = document.documentElement;

function press(selector: string): HTMLElement {
  const button = document.querySelector<HTMLElement>(selector)!;
  button.click();
  return button;
}

beforeAll(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  document.body.innerHTML = MARKUP;
  startPreferences();
});

beforeEach(() => {
  press("[data-theme-choice=system]");
  press("[data-text-size-choice=normal]");
});

test("a chosen theme is shown, said and remembered", () => {
  expect(press("[data-theme-choice=dark]").getAttribute("aria-pressed")).toBe("true");
  expect(root.dataset["theme"]).toBe("dark");
  expect(localStorage.getItem("theme")).toBe("dark");
  expect(document.querySelector("[data-theme-toggle]")!.getAttribute("aria-label")).toBe("换成备课本色");
});

test("the system's theme leaves no mark", () => {
  press("[data-theme-choice=dark]");
  press("[data-theme-choice=system]");
  expect(root.hasAttribute("data-theme")).toBe(false);
  expect(localStorage.getItem("theme")).toBeNull();
});

test("the size goes round: 标准, 大, 特大, 标准", () => {
  const sizes = [1, 2, 3].map(() => {
    press("[data-text-size-next]");
    return root.dataset["textSize"] ?? "normal";
  });
  expect(sizes).toEqual(["large", "largest", "normal"]);
});
