import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../../src/styles/tokens.css"), "utf8");

type Colours = Record<string, string>;

function colours(block: string): Colours {
  const found: Colours = {};
  for (const match of block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\b/gi)) found[match[1]!] = match[2]!;
  return found;
}

function blockAfter(start: string): string {
  const from = css.indexOf(start);
  expect(from).toBeGreaterThan(-1);
  return css.slice(from, css.indexOf("}", from));
}

function luminance(hex: string): number {
  const long = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(long.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

const light = colours(blockAfter(":root {"));
const darkBySystem = colours(blockAfter(':root:not([data-theme="light"])'));
const darkByChoice = colours(blockAfter(':root[data-theme="dark"]'));

/** What is written on what; and marks, borders and rings that must be seen. */
const TEXT: [string, string[]][] = [
  ["ink", ["paper", "desk", "sunken", "board-soft", "pen-soft"]],
  ["ink-2", ["paper", "desk", "sunken", "board-soft"]],
  ["ink-3", ["paper", "desk", "sunken"]],
  ["board", ["paper", "desk", "sunken", "board-soft"]],
  ["on-board", ["board", "board-deep"]],
  ["pen", ["paper", "desk", "pen-soft"]],
  ["on-pen", ["pen"]],
  ["mark-ink", ["mark"]],
  ["ok", ["ok-soft", "paper"]],
  ["town", ["town-soft", "paper"]],
  ["village", ["village-soft", "paper"]],
  ["on-person", ["p1", "p2", "p3", "p4", "p5", "p6"]],
];
const MARKS: [string, string[]][] = [
  ["line-strong", ["paper"]],
  ["town-mark", ["paper", "town-soft"]],
  ["village-mark", ["paper", "village-soft"]],
  ["mark-edge", ["paper"]],
  ["focus", ["paper", "desk"]],
];

test.each([
  ["备课本", light],
  ["黑板", { ...light, ...darkBySystem }],
])("%s: text has 4.5:1 and marks 3:1", (_name, theme) => {
  const tooPale: string[] = [];
  for (const [pairs, least] of [[TEXT, 4.5], [MARKS, 3]] as const) {
    for (const [front, backs] of pairs) {
      for (const back of backs) {
        const ratio = contrast(theme[front]!, theme[back]!);
        if (ratio < least) tooPale.push(`${front} on ${back}: ${ratio.toFixed(2)} < ${least}`);
      }
    }
  }
  expect(tooPale).toEqual([]);
});

test("the dark theme of the system and the chosen one are the same", () => {
  expect(darkByChoice).toEqual(darkBySystem);
});

test("no colour needs a newer browser than ours", () => {
  const values = css.replace(/\/\*[\s\S]*?\*\//g, "");
  expect(values).not.toMatch(/oklch|color-mix|light-dark\(/);
});
