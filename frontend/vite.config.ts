import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { defineConfig } from "vitest/config";

// Every file in src/entries is one entry that a page names with {% vite_entry "…" %}.
const entries = join(import.meta.dirname, "src", "entries");
const input = Object.fromEntries(
  readdirSync(entries)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [basename(file, ".ts"), join(entries, file)]),
);

export default defineConfig({
  base: "/static/",
  build: {
    // docs/operators.md names the same browsers
    target: ["chrome87", "firefox115", "safari14"],
    manifest: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    assetsInlineLimit: 0,
    rollupOptions: { input },
  },
  // Bootstrap 5.3 itself still uses @import; its warnings are not ours to mend.
  css: { preprocessorOptions: { scss: { quietDeps: true, silenceDeprecations: ["import"] } } },
  // one copy of Yjs: two would not recognise each other's types
  resolve: { dedupe: ["yjs", "lib0", "y-protocols"] },
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "jsdom",
    restoreMocks: true,
  },
});
