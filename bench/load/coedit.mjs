// Load on a Yjs co-editing server, of one process and one clock. README.md says what is measured.
//
//   node coedit.mjs load       --url 'ws://127.0.0.1:1234/{doc}' --docs 1 --clients 50 --writers 20 --rate 3 --pid 123
//   node coedit.mjs saturate   … --start 200 --p99 250          the most edits a second with p99 under the limit
//   node coedit.mjs connect    --docs 200 --clients 5           connections that do nothing
//   node coedit.mjs seed       --doc big --edits 50000          writes a long history, prints a hash of the text
//   node coedit.mjs coldopen   --doc big --opens 5 --expect HASH
//   node coedit.mjs durability …                                asks for a kill -9, counts the edits that are gone
import crypto from "node:crypto";
import { createInterface } from "node:readline";
import * as Y from "yjs";
import { Client, connectAll } from "./client.mjs";
import { Meter, serverMemory } from "./meter.mjs";
import { chance, mode, now, number, options, round, sleep, statistics, total } from "./options.mjs";
import { Ledger, Writer, same } from "./writing.mjs";

const MOST_AT_ONCE = 50; // edits a writer may catch up with at once, when the generator was late
const PROGRESS_MILLISECONDS = 30_000; // without any progress a long history is given up
const runId = () => `b${Date.now().toString(36)}${Math.floor(Math.random() * 1e4)}`;

// ---- a room full of people ------------------------------------------------------------------------------------

function plan() {
  const names = ["docs", "clients", "writers", "rate", "awareness", "seconds", "warmup", "sample"];
  return Object.fromEntries(names.map((name) => [name, number(name)]));
}

/** Sampled replicas: the first is a writer (when there is more than one), the others come last. */
function isSampled(index, { clients, sample }) {
  const last = sample > 1 ? sample - 1 : sample;
  return (sample > 1 && index === 0) || index >= clients - last;
}

class Crowd {
  ledgers = [];
  clients = [];
  writers = [];
  #typing = false;

  constructor(wanted) {
    this.wanted = wanted;
    const run = runId();
    for (let room = 0; room < wanted.docs; room++) this.#fill(`${run}-${room}`);
  }

  #fill(name) {
    const ledger = new Ledger();
    this.ledgers.push(ledger);
    for (let index = 0; index < this.wanted.clients; index++) {
      const full = isSampled(index, this.wanted);
      const client = new Client(name, { full, ledger });
      if (options["verify-all"] && !full) client.received = [];
      this.clients.push(client);
      if (index < this.wanted.writers) this.writers.push(new Writer(client, ledger, index));
    }
  }

  start() {
    const { rate, awareness } = this.wanted;
    this.pause = 1000 / rate;
    this.cursorPause = awareness ? 1000 / awareness : Infinity;
    for (const writer of this.writers) {
      writer.nextEdit = now() + chance() * this.pause;
      writer.nextMove = now() + chance() * this.cursorPause;
    }
    this.#typing = true;
    this.#type();
  }

  stop() {
    this.#typing = false;
  }

  #type() {
    if (!this.#typing) return;
    const at = now();
    for (const writer of this.writers) if (!writer.client.closedWith) this.#act(writer, at);
    setTimeout(() => this.#type(), 1);
  }

  #act(writer, at) {
    for (let edits = 0; writer.nextEdit <= at && edits < MOST_AT_ONCE; edits++) {
      writer.edit();
      writer.nextEdit += this.pause * (0.5 + chance());
    }
    if (writer.nextMove <= at) {
      writer.moveCursor();
      writer.nextMove = Math.max(writer.nextMove + this.cursorPause * (0.5 + chance()), at);
    }
  }

  measure(on) {
    for (const ledger of this.ledgers) ledger.measuring = on;
  }

  async drained(seconds) {
    const began = now();
    while (now() - began < seconds * 1000 && !this.ledgers.every((ledger) => ledger.complete)) await sleep(5);
    return now() - began;
  }

  traffic() {
    const { clients } = this;
    return {
      frames: total(clients, ({ socket }) => socket.frames),
      bytes: total(clients, ({ socket }) => socket.bytes),
      update_frames: total(clients, ({ counts }) => counts.update),
      awareness_frames: total(clients, ({ counts }) => counts.awareness),
      ack_frames: total(clients, ({ counts }) => counts.acknowledgement),
    };
  }

  /** Every sampled replica, and every light client replayed, must equal all updates put together. */
  correctness() {
    let diverged = 0;
    let lightBad = 0;
    const light = this.clients.filter((client) => client.received);
    for (const ledger of this.ledgers) {
      const oracle = ledger.oracle();
      diverged += ledger.replicas.filter(({ client }) => !same(oracle, client.doc)).length;
      const own = light.filter((client) => client.ledger === ledger);
      lightBad += own.filter((client) => !same(oracle, client.replayed())).length;
    }
    return {
      seen: total(this.ledgers, ({ replicas }) => total(replicas, ({ seen }) => seen)),
      lost: total(this.ledgers, ({ missing }) => missing),
      diverged,
      light_checked: light.length,
      light_bad: lightBad,
      closed_connections: this.clients.filter((client) => client.closedWith).length,
    };
  }

  latencies() {
    return {
      latency_ms: statistics(this.ledgers.flatMap((ledger) => ledger.latencies)),
      acknowledged_ms: statistics(this.clients.flatMap((client) => client.acknowledgeLatencies)),
      ...(this.wanted.awareness && {
        awareness_ms: statistics(this.clients.flatMap((client) => client.cursorLatencies)),
      }),
    };
  }

  close() {
    for (const client of this.clients) client.close();
  }
}

/** A crowd that is connected and has warmed up, and the meter that runs; or why there is none. */
async function typingCrowd(wanted) {
  const crowd = new Crowd(wanted);
  const meter = new Meter();
  const failures = await connectAll(crowd.clients);
  if (failures.length) {
    crowd.close();
    meter.stop();
    return { failed: { failed: true, connect_errors: failures.length, first_error: failures[0] } };
  }
  await sleep(300);
  crowd.start();
  await sleep(wanted.warmup * 1000);
  meter.begin();
  crowd.measure(true);
  return { crowd, meter };
}

async function load(wanted) {
  const { crowd, meter, failed } = await typingCrowd(wanted);
  if (failed) return failed;
  const before = crowd.traffic();
  await sleep(wanted.seconds * 1000);
  crowd.stop();
  crowd.measure(false);
  const drain = await crowd.drained(number("drain"));
  const used = meter.end();
  await sleep(50);
  const result = figures(wanted, crowd, before, used, drain);
  crowd.close();
  await sleep(150);
  return result;
}

function figures(wanted, crowd, before, used, drain) {
  const sent = total(crowd.ledgers, (ledger) => ledger.sentMeasured);
  const after = crowd.traffic();
  const perClient = Object.entries(after).map(([name, value]) => [
    name,
    round((value - before[name]) / crowd.clients.length, 1),
  ]);
  const correctness = crowd.correctness();
  const { lost, diverged, light_bad, closed_connections } = correctness;
  return {
    ok: !(lost || diverged || light_bad || closed_connections),
    ...wanted,
    offered_edits_per_s: wanted.docs * wanted.writers * wanted.rate,
    edits_sent: total(crowd.ledgers, (ledger) => ledger.sent),
    sent_per_s: round(sent / wanted.seconds, 1),
    ...correctness,
    ...crowd.latencies(),
    drain_ms: round(drain, 0),
    per_client: Object.fromEntries(perClient),
    ...used,
    cpu_us_per_delivery: round((used.server_cpu_s * 1e6) / (sent * (wanted.clients - 1))),
    frames_received_per_s: round((after.frames - before.frames) / used.window_s, 0),
  };
}

// ---- the most that goes ----------------------------------------------------------------------------------------

/** One step of `saturate`; it fails only when it fails twice, since other programs use the machine too. */
async function step(steps, wanted, editsPerSecond, again = true) {
  const result = await load({ ...wanted, rate: editsPerSecond / (wanted.docs * wanted.writers) });
  const reached = result.sent_per_s > 0.93 * editsPerSecond;
  const pass = Boolean(result.ok && reached && result.latency_ms.p99 <= number("p99"));
  const { sent_per_s, latency_ms, lost, diverged, server_cpu_pct, generator_cpu_pct, other_cpu_pct } = result;
  const why = { lost, diverged, closed: result.closed_connections, error: result.first_error };
  steps.push({
    offered: round(editsPerSecond, 0),
    ...{ pass, sent_per_s, p50: latency_ms?.p50, p99: latency_ms?.p99, ...why },
    ...{ server_cpu_pct, generator_cpu_pct, other_cpu_pct, us: result.cpu_us_per_delivery },
  });
  await sleep(300);
  return !pass && again ? step(steps, wanted, editsPerSecond, false) : { pass, result };
}

async function saturate() {
  const wanted = plan();
  const steps = [];
  let best = null;
  let good = 0;
  let bad = Infinity;
  let stoppedBy = "max";
  for (let next = number("start"); next <= number("max") && bad === Infinity; next *= 1.5) {
    const { pass, result } = await step(steps, wanted, next);
    if (pass) [best, good] = [result, next];
    else [bad, stoppedBy] = [next, result.generator_too_busy ? "p99 (generator also busy)" : "server p99"];
    if (pass && result.generator_too_busy) {
      stoppedBy = "generator busy";
      break;
    }
  }
  for (let halves = 0; best && bad < Infinity && halves < 2; halves++) {
    const middle = Math.sqrt(good * bad);
    const { pass, result } = await step(steps, wanted, middle);
    if (pass) [best, good] = [result, middle];
    else bad = middle;
  }
  return {
    highest_sustained_edits_per_s: best ? round(best.sent_per_s, 0) : 0,
    stopped_by: stoppedBy,
    p99_at_best: best?.latency_ms.p99,
    gen_pct_at_best: best?.generator_cpu_pct,
    server_pct_at_best: best?.server_cpu_pct,
    us_per_delivery_at_best: best?.cpu_us_per_delivery,
    steps,
  };
}

// ---- connections that do nothing -------------------------------------------------------------------------------

async function connect() {
  const run = runId();
  const docs = number("docs");
  const clients = Array.from(
    { length: docs * number("clients") },
    (_, index) => new Client(`${run}-${index % docs}`),
  );
  const before = serverMemory();
  const meter = new Meter();
  meter.begin();
  const began = now();
  const failures = await connectAll(clients);
  const ramp = now() - began;
  await sleep(number("hold") * 1000);
  const after = serverMemory();
  const used = meter.end();
  const live = clients.filter((client) => client.synced && !client.closedWith);
  for (const client of clients) client.close();
  await sleep(500);
  return {
    connections: clients.length,
    live: live.length,
    errors: clients.length - live.length,
    first_error: failures[0] ?? clients.find((client) => client.closedWith)?.closedWith,
    ramp_ms: round(ramp, 0),
    upgrade_ms: statistics(live.map((client) => client.openedAt - client.startedAt)),
    synced_ms: statistics(live.map((client) => client.syncedAt - client.startedAt)),
    kib_per_connection: round(((after - before) * 1024) / live.length, 1),
    cpu_ms_per_connection: round((used.server_cpu_s * 1000) / live.length, 3),
    ...used,
  };
}

// ---- a long history and opening it -----------------------------------------------------------------------------

function hashOf(doc) {
  const text = doc.getXmlFragment("default").toString();
  return crypto.createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function lengthOf(doc) {
  const texts = doc.getXmlFragment("default").createTreeWalker((node) => node instanceof Y.XmlText);
  return total([...texts], (text) => text.length);
}

/** Waits until `done`; false when nothing more has become visible for too long. */
async function whileSeeing(replica, done) {
  let seen = replica.seen;
  let last = now();
  while (!done()) {
    await sleep(2);
    if (replica.seen !== seen) [seen, last] = [replica.seen, now()];
    if (now() - last > PROGRESS_MILLISECONDS) return false;
  }
  return true;
}

async function seed() {
  const ledger = new Ledger();
  const watcher = new Client(options.doc, { full: true, ledger });
  const writers = Array.from(
    { length: 5 },
    (_, index) => new Writer(new Client(options.doc, { ledger }), ledger, index),
  );
  const clients = [watcher, ...writers.map((writer) => writer.client)];
  const failures = await connectAll(clients);
  if (failures.length) return { failed: true, first_error: failures[0] };
  const { replica } = watcher;
  for (let edit = 0; edit < number("edits"); edit++) {
    writers[edit % writers.length].edit();
    if (edit % 25 === 24) await new Promise(setImmediate);
    if (!(await whileSeeing(replica, () => ledger.sent - replica.seen <= 500))) break;
  }
  await whileSeeing(replica, () => ledger.complete);
  await sleep(number("hold") * 1000);
  for (const client of clients) client.close();
  await sleep(200);
  if (ledger.sent < number("edits"))
    return { failed: true, first_error: `stuck after ${replica.seen} edits` };
  return { edits: ledger.sent, lost: ledger.missing, hash: hashOf(watcher.doc), characters: lengthOf(watcher.doc) };
}

async function open() {
  const client = new Client(options.doc, { full: true });
  await client.connect();
  let full = client.syncedAt;
  // some servers say "synced" before their store has been read: wait for the text that must come
  while (options.expect && hashOf(client.doc) !== options.expect && now() - client.syncedAt < 60_000) {
    await sleep(5);
    full = now();
  }
  const match = !options.expect || hashOf(client.doc) === options.expect;
  const { bytes } = client.socket;
  client.close();
  await sleep(100);
  return {
    upgrade_ms: round(client.openedAt - client.startedAt),
    synced_ms: round(client.syncedAt - client.openedAt),
    full_ms: round(full - client.openedAt),
    bytes,
    match,
  };
}

async function coldopen() {
  const opens = [];
  while (opens.length < number("opens")) opens.push(await open());
  const [first, ...later] = opens;
  return { first, rest_full_ms: statistics(later.map((one) => one.full_ms)), opens };
}

// ---- a kill in the midst ---------------------------------------------------------------------------------------

async function durability() {
  const wanted = plan();
  const { crowd, meter, failed } = await typingCrowd(wanted);
  if (failed) return failed;
  await sleep(wanted.seconds * 1000 * (0.8 + 0.4 * Math.random()));
  // whoever runs the server kills it, starts it again on the same store, and then answers with a line
  const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  console.log(JSON.stringify({ event: "kill" }));
  while (!crowd.clients.every((client) => client.closedWith)) await sleep(1);
  const killed = now();
  crowd.stop();
  meter.stop();
  await answers.next();
  const rooms = await Promise.all(crowd.ledgers.map((ledger) => gone(ledger, killed)));
  return {
    edits_sent: total(crowd.ledgers, (ledger) => ledger.sent),
    received_by_others: total(rooms, (room) => room.seen),
    gone_after_restart: total(rooms, (room) => room.missing),
    oldest_gone_ms_before_kill: round(Math.max(...rooms.map((room) => room.age)), 0),
  };
}

/** Of the edits that others had seen, those that a newcomer does not get. */
async function gone(ledger, killed) {
  const newcomer = new Client(ledger.replicas[0].client.name, { full: true });
  await newcomer.connect();
  await sleep(1500);
  const { clients: deleted } = Y.snapshot(newcomer.doc).ds;
  const isDeleted = (id, clock) =>
    (deleted.get(id) ?? []).some((item) => clock >= item.clock && clock < item.clock + item.len);
  let seen = 0;
  const missing = [];
  for (const writer of ledger.writers.values()) {
    const stored = Y.getState(newcomer.doc.store, writer.id);
    const inserts = writer.inserts.filter((edit) => edit.seenBy);
    const deletions = [...writer.deletions].filter(([, edit]) => edit.seenBy);
    seen += inserts.length + deletions.length;
    missing.push(...inserts.filter((edit) => edit.clock > stored));
    missing.push(...deletions.filter(([clock]) => !isDeleted(writer.id, clock)).map(([, edit]) => edit));
  }
  newcomer.close();
  return { seen, missing: missing.length, age: Math.max(0, ...missing.map((edit) => killed - edit.at)) };
}

// ----------------------------------------------------------------------------------------------------------------

const modes = { load: () => load(plan()), saturate, connect, seed, coldopen, durability };
if (!modes[mode]) {
  console.error(`no such mode: ${mode} (there are ${Object.keys(modes).join(", ")})`);
  process.exit(2);
}
setTimeout(
  () => {
    console.error("not done within --max-seconds");
    process.exit(3);
  },
  number("max-seconds") * 1000,
).unref();
const result = await modes[mode]();
console.log(JSON.stringify({ mode, protocol: options.protocol, ...result }));
process.exit(result.ok === false || result.failed ? 1 : 0);
