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

import { doubledIn, Letters, lettersIn, lettersOf } from "./letters";
import { ACT_NAMES, Chooser, endComposition, type Act } from "./operations";
import { Random } from "./random";
import {
  enter,
  goOffline,
  goOnline,
  heldChanges,
  hurry,
  leave,
  loseLine,
  pause,
  until,
  type PlanPlace,
  type Who,
  type Writer,
} from "./writer";

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
  typed: number;
  /** Characters that stand more than once in the end. */
  doubled: number;
  problems: string[];
}

const stage = JSON.parse(readFileSync(values.stage!, "utf8")) as Stage;
const base = values.base!;

/** What was done in all runs, by kind. */
const counts: Record<string, number> = Object.fromEntries(
  [...ACT_NAMES, "line cut", "line dead", "line back", "changes met a composition"].map((name) => [name, 0]),
);
const count = (name: string): number => (counts[name] = (counts[name] ?? 0) + 1);

const saved = (writer: Writer): boolean =>
  writer.shared.saveState.get().kind === "saved" && !writer.shared.hasUnsent();
const stateOf = (doc: Y.Doc): string => Buffer.from(Y.encodeStateVector(doc)).toString("base64");
const xmlOf = (writer: Writer): string => writer.shared.fragment.toString();
const jsonOf = (writer: Writer): string => JSON.stringify(writer.editor.getJSON());

class Run {
  private readonly random: Random;
  private readonly chooser: Chooser;
  private readonly letters = new Letters();
  private readonly problems: string[] = [];
  readonly history: string[] = [];

  constructor(
    private readonly seed: number,
    private readonly plan: PlanPlace,
  ) {
    this.random = new Random(seed);
    this.chooser = new Chooser(this.random);
  }

  async outcome(steps: number): Promise<Outcome> {
    const writers = [
      await enter("A", this.plan, stage.writers[0], base),
      await enter("B", this.plan, stage.writers[1], base),
    ] as const;
    for (const writer of writers) this.watch(writer);
    const tempo = this.random.pick([10, 25, 60])!;
    for (let step = 0; step < steps; step += 1) {
      const writer = writers[this.random.below(2)]!;
      if (this.random.next() < Number(values.offline)) this.changeLine(writer);
      this.act(writer, this.chooser.next(writer));
      // nobody composes in an instant
      const composing = writers.some(({ composing }) => composing);
      if (composing || this.random.next() < 0.5) await pause(this.random.below(tempo));
    }
    for (const writer of writers) this.comeBack(writer);
    await this.settle(writers);
    const late = await enter("C", this.plan, stage.writers[1], base);
    this.compare(writers, late);
    const doubled = doubledIn(late.editor.state.doc);
    for (const writer of [...writers, late]) leave(writer);
    return { seed: this.seed, typed: this.letters.typed.size, doubled, problems: this.problems };
  }

  /** Notes when letters leave a document, and by what kind of change: where to look after a failure. */
  private watch(writer: Writer): void {
    let before = lettersOf(xmlOf(writer));
    writer.shared.doc.on("afterTransaction", (transaction) => {
      const after = lettersOf(xmlOf(writer));
      const gone = [...before].filter((letter) => !after.has(letter)).join("");
      const come = [...after].filter((letter) => !before.has(letter)).join("");
      before = after;
      if (gone || (come && !transaction.local)) {
        const where = `${writer.name}'s document, ${transaction.local ? "local" : "remote"}`;
        this.history.push(`   in ${where}: -${gone} +${come}`);
      }
    });
    writer.shared.status.subscribe(({ line, refused, ending }) => {
      if (line === "offline" && writer.line === "on") count("line lost");
      this.history.push(`   ${writer.name}'s line: ${line}${refused ? ", refused" : ""} ${ending ?? ""}`);
    });
    writer.shared.beforeRemote(() => {
      if (writer.composing) this.problems.push(`${writer.name}: a change came into “${writer.composing}”`);
    });
  }

  private changeLine(writer: Writer): void {
    const before = writer.line;
    if (before === "off") goOnline(writer);
    else if (before === "dead" || this.random.below(2) === 0) goOffline(writer);
    else loseLine(writer);
    if (writer.line === before) return;
    count({ on: "line back", dead: "line dead", off: "line cut" }[writer.line]);
    this.history.push(`${writer.name} line ${writer.line}`);
  }

  private act(writer: Writer, kind: Act): void {
    const { name, deletes, run } = kind;
    const before = lettersIn(writer.editor.state.doc);
    const typedBefore = this.letters.typed.size;
    const held = heldChanges(writer);
    let done = false;
    try {
      done = run(writer, this.random, this.letters);
    } catch (error) {
      this.problems.push(`${writer.name}: ${name} failed: ${String(error)}`);
      console.error(error);
    }
    const after = lettersIn(writer.editor.state.doc);
    const gone = [...before].filter((letter) => !after.has(letter));
    const wrong = gone.filter((letter) => !this.mayGo(letter, deletes, writer));
    if (wrong.length > 0) this.problems.push(`${writer.name}: ${name} took ${wrong.join("")} out of the own view`);
    for (const letter of gone) this.letters.deleted.add(letter);
    if (!done) {
      this.chooser.failed(kind);
      return;
    }
    this.chooser.did(kind);
    count(name);
    if (run === endComposition && held > 0) count("changes met a composition");
    const typed = [...this.letters.typed.keys()].slice(typedBefore).join("");
    const { $head } = writer.editor.state.selection;
    const place = `${$head.pos} in “${$head.parent.textContent}” of ${$head.node(-1)?.type.name ?? "?"}`;
    const line = writer.line === "on" ? "" : "~";
    this.history.push(`${writer.name}${line} ${name} ${typed} @${place}${gone.length > 0 ? ` -${gone.join("")}` : ""}`);
  }

  private mayGo(letter: string, deletes: Act["deletes"], writer: Writer): boolean {
    if (deletes === "own") return this.letters.typed.get(letter) === writer.name || this.letters.deleted.has(letter);
    return deletes === "anything";
  }

  private comeBack(writer: Writer): void {
    endComposition(writer, this.random, this.letters);
    if (writer.line === "dead") goOffline(writer);
    if (writer.line === "off") goOnline(writer);
  }

  private async settle(writers: readonly [Writer, Writer]): Promise<void> {
    const [a, b] = writers;
    const same = (): boolean =>
      saved(a) && saved(b) && stateOf(a.shared.doc) === stateOf(b.shared.doc) && xmlOf(a) === xmlOf(b);
    const again = (): void => {
      for (const { shared } of writers) hurry(shared);
    };
    if (await until(same, 30_000, again)) {
      // the repair of tables, and its way to the other
      await pause(300);
      if (await until(same, 10_000, again)) return;
    }
    const how = writers.map(({ shared }) => JSON.stringify([shared.saveState.get(), shared.status.get()]));
    this.problems.push(`the editors did not become equal and saved: ${how.join(" ")}`);
  }

  private compare([a, b]: readonly [Writer, Writer], late: Writer): void {
    if (xmlOf(a) !== xmlOf(b)) this.problems.push("the documents differ");
    if (xmlOf(a) !== xmlOf(late)) this.problems.push("a late joiner gets another document");
    if (jsonOf(a) !== jsonOf(b)) this.problems.push("the editors show different things");
    if (jsonOf(a) !== jsonOf(late)) this.problems.push("a late joiner sees something else");
    const present = lettersIn(a.editor.state.doc);
    const { typed, deleted } = this.letters;
    const lost = [...typed.keys()].filter((letter) => !present.has(letter) && !deleted.has(letter));
    if (lost.length > 0) this.problems.push(`lost: ${lost.join("")}`);
  }
}

async function main(): Promise<void> {
  const first = Number(values.seed);
  const limit = Number(values.seconds) > 0 ? Date.now() + 1000 * Number(values.seconds) : Infinity;
  const outcomes: Outcome[] = [];
  for (const [index, plan] of stage.plans.slice(0, Number(values.runs)).entries()) {
    if (Date.now() > limit) break;
    const run = new Run(first + index, plan);
    const outcome = await run.outcome(Number(values.steps));
    outcomes.push(outcome);
    if (values.verbose || outcome.problems.length > 0) console.log(run.history.join("\n"));
    if (outcome.problems.length > 0) console.log(`seed ${outcome.seed}: ${outcome.problems.join("; ")}`);
  }
  const failed = outcomes.filter(({ problems }) => problems.length > 0);
  const sum = (key: "typed" | "doubled"): number => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  console.log(
    JSON.stringify({
      ok: failed.length === 0,
      runs: outcomes.length,
      typed: sum("typed"),
      doubled: sum("doubled"),
      counts,
      failed: failed.map(({ seed, problems }) => ({ seed, problems })),
    }),
  );
  process.exit(failed.length === 0 ? 0 : 1);
}

await main();
