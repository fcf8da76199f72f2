/**
 * The property: two real editors (Tiptap on the project's own provider) on the real server do random things, also
 * off line; in the end both and a late joiner hold the same, and no typed character is gone that nobody deleted.
 *
 *   vite-node tests/collaboration/property/run.ts --stage stage.json --base http://127.0.0.1:8000 --seed 1 --runs 20
 *
 * `stage.json` is what tests/realtime/client/stage.py printed. The last line is one line of JSON; exit status 1 if the
 * property failed. A run is reproduced by its seed (as far as the network's timing allows).
 */

import "./world";

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import * as Y from "yjs";

import { Letters, lettersIn, lettersOf } from "./letters";
import { chooseAct, endComposition } from "./operations";
import { Random } from "./random";
import { enter, leave, setOnline, type PlanPlace, type Who, type Writer } from "./writer";

const { values } = parseArgs({
  options: {
    stage: { type: "string" },
    base: { type: "string" },
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "1" },
    steps: { type: "string", default: "60" },
    seconds: { type: "string", default: "0" },
    offline: { type: "string", default: "0.06" },
    verbose: { type: "boolean", default: false },
  },
});

interface Stage {
  writers: [Who, Who];
  plans: PlanPlace[];
}

interface Outcome {
  seed: number;
  plan: string;
  acts: number;
  typed: number;
  problems: string[];
}

const stage = JSON.parse(readFileSync(values.stage!, "utf8")) as Stage;
const base = values.base!;
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(test: () => boolean, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (!test()) {
    if (Date.now() > deadline) return false;
    await pause(10);
  }
  return true;
}

const saved = (writer: Writer): boolean => writer.shared.saveState.get().kind === "saved" && unsaved(writer) === 0;
const unsaved = (writer: Writer): number => (writer.shared.rescue() === null ? 0 : 1);
const stateOf = (doc: Y.Doc): string => Buffer.from(Y.encodeStateVector(doc)).toString("base64");
const xmlOf = (writer: Writer): string => writer.shared.fragment.toString();
const jsonOf = (writer: Writer): string => JSON.stringify(writer.editor.getJSON());

async function oneRun(seed: number, plan: PlanPlace, steps: number): Promise<Outcome> {
  const random = new Random(seed);
  const letters = new Letters();
  const problems: string[] = [];
  const history: string[] = [];
  const writers = [
    await enter("A", plan, stage.writers[0], base),
    await enter("B", plan, stage.writers[1], base),
  ] as const;
  for (const writer of writers) watchLosses(writer, history);
  let acts = 0;
  for (let step = 0; step < steps; step += 1) {
    const writer = writers[random.below(2)]!;
    if (random.next() < Number(values.offline)) {
      setOnline(writer, !writer.online, base);
      history.push(`${writer.name} ${writer.online ? "on" : "off"} line`);
    }
    acts += act(writer, random, letters, history, problems) ? 1 : 0;
    if (random.next() < 0.5) await pause(random.below(25));
  }
  for (const writer of writers) {
    endComposition(writer, random, letters);
    if (!writer.online) setOnline(writer, true, base);
  }
  await settle(writers, problems);
  const late = await enter("C", plan, stage.writers[1], base);
  compare(writers, late, letters, problems);
  for (const writer of [...writers, late]) leave(writer);
  if (values.verbose || problems.length > 0) console.log(history.join("\n"));
  return { seed, plan: plan.id, acts, typed: letters.typed.size, problems };
}

/** Notes in the history when letters leave a document, and by what kind of change: where to look after a failure. */
function watchLosses(writer: Writer, history: string[]): void {
  let before = lettersOf(writer.shared.fragment.toString());
  writer.shared.doc.on("afterTransaction", (transaction) => {
    const after = lettersOf(writer.shared.fragment.toString());
    const gone = [...before].filter((letter) => !after.has(letter)).join("");
    const come = [...after].filter((letter) => !before.has(letter)).join("");
    before = after;
    if (gone || (come && !transaction.local)) {
      history.push(`   in ${writer.name}'s document, ${transaction.local ? "local" : "remote"}: -${gone} +${come}`);
    }
  });
}

function act(writer: Writer, random: Random, letters: Letters, history: string[], problems: string[]): boolean {
  const { name, deletes, run } = chooseAct(writer, random);
  const before = lettersIn(writer.editor.state.doc);
  const typedBefore = letters.typed.size;
  let done = false;
  try {
    done = run(writer, random, letters);
  } catch (error) {
    problems.push(`${writer.name}: ${name} failed: ${String(error)}`);
    console.error(error);
  }
  if (done) {
    const typed = [...letters.typed].slice(typedBefore).join("");
    const { $head } = writer.editor.state.selection;
    const place = `${$head.pos} in “${$head.parent.textContent}” of ${$head.node(-1)?.type.name ?? "?"}`;
    history.push(`${writer.name}${writer.online ? "" : "~"} ${name} ${typed} @${place}`);
  }
  const after = lettersIn(writer.editor.state.doc);
  const gone = [...before].filter((letter) => !after.has(letter));
  for (const letter of gone) letters.deleted.add(letter);
  if (gone.length > 0 && done) history[history.length - 1] += ` deleting ${gone.join("")}`;
  if (gone.length > 0 && !deletes) problems.push(`${writer.name}: ${name} took ${gone.join("")} out of the own view`);
  return done;
}

async function settle(writers: readonly [Writer, Writer], problems: string[]): Promise<void> {
  const [a, b] = writers;
  const same = (): boolean => saved(a) && saved(b) && stateOf(a.shared.doc) === stateOf(b.shared.doc) && xmlOf(a) === xmlOf(b);
  if (!(await until(same, 15_000))) problems.push("the editors did not become equal and saved");
  // the repair of tables, and its way to the other
  await pause(300);
  if (!(await until(same, 5_000))) problems.push("the editors did not stay equal");
}

function compare(writers: readonly [Writer, Writer], late: Writer, letters: Letters, problems: string[]): void {
  const [a, b] = writers;
  if (xmlOf(a) !== xmlOf(b)) problems.push("the documents differ");
  if (xmlOf(a) !== xmlOf(late)) problems.push("a late joiner gets another document");
  if (jsonOf(a) !== jsonOf(b)) problems.push("the editors show different things");
  if (jsonOf(a) !== jsonOf(late)) problems.push("a late joiner sees something else");
  const present = lettersIn(a.editor.state.doc);
  const lost = [...letters.typed].filter((letter) => !present.has(letter) && !letters.deleted.has(letter));
  if (lost.length > 0) problems.push(`lost: ${lost.join("")}`);
}

async function main(): Promise<void> {
  const first = Number(values.seed);
  const runs = Number(values.runs);
  const limit = Number(values.seconds) > 0 ? Date.now() + 1000 * Number(values.seconds) : Infinity;
  const outcomes: Outcome[] = [];
  for (let run = 0; run < runs && Date.now() < limit; run += 1) {
    const plan = stage.plans[run];
    if (!plan) break;
    const outcome = await oneRun(first + run, plan, Number(values.steps));
    outcomes.push(outcome);
    if (outcome.problems.length > 0) console.log(`seed ${outcome.seed}: ${outcome.problems.join("; ")}`);
  }
  const failed = outcomes.filter(({ problems }) => problems.length > 0);
  const sum = (key: "acts" | "typed"): number => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  console.log(
    JSON.stringify({
      ok: failed.length === 0,
      runs: outcomes.length,
      acts: sum("acts"),
      typed: sum("typed"),
      failed: failed.map(({ seed, problems }) => ({ seed, problems })),
    }),
  );
  process.exit(failed.length === 0 ? 0 : 1);
}

await main();
