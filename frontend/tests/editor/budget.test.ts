// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

/** What the editor page may weigh, compressed: script and style together. */
const BUDGET = 300 * 1024;

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

const dist = join(import.meta.dirname, "..", "..", "dist");
const manifest = join(dist, ".vite", "manifest.json");

/** Every file that the page loads before anybody does anything. */
function filesOf(chunks: Record<string, Chunk>, entries: string[]): Set<string> {
  const files = new Set<string>();
  const visit = (key: string) => {
    const chunk = chunks[key]!;
    if (files.has(chunk.file)) return;
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    chunk.imports?.forEach(visit);
  };
  entries.forEach(visit);
  return files;
}

describe.runIf(existsSync(manifest))("the built editor page", () => {
  it("stays within 300 kB of script and style, compressed", () => {
    const chunks = JSON.parse(readFileSync(manifest, "utf8")) as Record<string, Chunk>;
    const files = [...filesOf(chunks, ["src/entries/site.ts", "src/entries/editor.ts"])];
    const sizes = files.map((file) => gzipSync(readFileSync(join(dist, file))).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    console.info(`editor page: ${Math.round(total / 1024)} kB in ${files.length} files`);
    expect(total).toBeLessThan(BUDGET);
  });
});
