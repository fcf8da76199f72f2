import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import english from "../../src/shared/catalogues/en";
import korean from "../../src/shared/catalogues/ko";

const root = join(import.meta.dirname, "../../src");
const source = (readdirSync(root, { recursive: true }) as string[])
  .filter((name) => name.endsWith(".ts") && !name.includes("catalogues"))
  .map((name) => readFileSync(join(root, name), "utf8"))
  .join("\n");

/** What is said through t("…"); the names of text sizes are said by a variable. */
const said = [...source.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!);

const names = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("English is complete, since the page offers it", () => {
  expect(said.length).toBeGreaterThan(100);
  expect(said.filter((text) => !(text in english))).toEqual([]);
});

test.each([
  ["en", english],
  ["ko", korean],
])("%s translates what is still said, with the same values in it", (_language, catalogue) => {
  const stale = Object.keys(catalogue).filter((text) => !source.includes(`"${text}"`));
  const different = Object.entries(catalogue).filter(([text, said]) => String(names(text)) !== String(names(said)));
  expect(stale).toEqual([]);
  expect(different).toEqual([]);
});
