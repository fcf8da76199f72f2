// What every part of the harness shares: its options, clocks, chance and statistics.
import fs from "node:fs";
import { parseArgs } from "node:util";

const text = (value) => ({ type: "string", ...(value === undefined ? {} : { default: value }) });

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: text(), // {doc} stands for the room
    protocol: text("ywebsocket"), // or hocuspocus
    pid: text(""), // of the server, or several with commas: whose CPU and memory are measured
    "docs-file": text(), // existing rooms, one a line; made up otherwise
    "cookies-file": text(), // Cookie headers, one a line, given to the connections in turn
    cookie: text(), // one for all
    docs: text("1"),
    clients: text("10"), // for each document, as are the writers
    writers: text("10"),
    rate: text("3"), // edits per second and writer
    awareness: text("0"), // cursor moves per second and writer
    seconds: text("10"),
    warmup: text("2"),
    drain: text("10"), // seconds that edits may still be under way after the last
    sample: text("2"), // full replicas for each document: first a writer, then readers
    "verify-all": { type: "boolean", default: false }, // keep what the light clients receive, replay it at the end
    ramp: text("20"), // connections being opened at once
    start: text("200"), // saturate: edits per second of the first step
    p99: text("250"), // saturate: milliseconds that must hold
    max: text("100000"),
    doc: text(), // seed, coldopen: the one document
    edits: text("50000"),
    opens: text("5"),
    expect: text(), // coldopen: the hash that seed printed
    hold: text("2"), // seconds after the last act before the figures are taken
    seed: text("7"), // of the chance by which people type
    "max-seconds": text("300"),
  },
});

export const mode = positionals[0] ?? "load";
export const options = values;
export const number = (name) => Number(options[name]);

function refuse(why) {
  console.error(why);
  process.exit(2);
}

if (!options.url) refuse("--url is required");
if (!/^ws:\/\/(127\.0\.0\.1|localhost)[:/]/.test(options.url))
  refuse("only servers on 127.0.0.1 and localhost");
export const hocuspocus = options.protocol === "hocuspocus";

function linesOf(file) {
  if (!file) return null;
  const lines = fs.readFileSync(file, "utf8").split("\n");
  return lines.map((line) => line.trim()).filter(Boolean);
}

export const existingRooms = linesOf(options["docs-file"]);
export const cookies = linesOf(options["cookies-file"]) ?? (options.cookie ? [options.cookie] : null);

export const now = () => performance.now();
export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export function round(value, digits = 2) {
  if (value == null || Number.isNaN(value)) return null;
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

let state = number("seed") >>> 0 || 1;
/** Between 0 and 1, the same in every run. */
export function chance() {
  state ^= state << 13;
  state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state / 2 ** 32;
}

export function statistics(values) {
  const sorted = Float64Array.from(values).sort();
  const at = (percent) => sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)];
  return {
    n: sorted.length,
    p50: round(at(50)),
    p95: round(at(95)),
    p99: round(at(99)),
    max: round(sorted.at(-1)),
  };
}

export const total = (items, value) => items.reduce((sum, item, index) => sum + value(item, index), 0);
