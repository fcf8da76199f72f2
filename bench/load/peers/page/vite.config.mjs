// Built with the front end's own Vite and Tiptap, so that both editors are of the same make.
import { join } from "node:path";

const load = join(import.meta.dirname, "..", "..");
const frontEnd = join(load, "..", "..", "frontend", "node_modules");

export default {
  root: import.meta.dirname,
  base: "./",
  build: { target: "chrome87", outDir: "dist", modulePreload: { polyfill: false } },
  resolve: {
    alias: ["@tiptap", "yjs", "lib0", "y-protocols"].map((name) => ({
      find: new RegExp(`^${name}(?=/|$)`),
      replacement: join(frontEnd, name),
    })),
  },
};
