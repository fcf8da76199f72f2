#!/usr/bin/env node
// Server-neutral load harness for Yjs co-editing servers.
//
//   node coedit.mjs load       --url 'ws://127.0.0.1:1234/{doc}' --docs 1 --clients 50 --writers 20 --rate 3 --awareness 3 --seconds 10 --pid 123
//   node coedit.mjs saturate   ... --start 200 --p99 250          highest edits/s with p99 under the limit
//   node coedit.mjs connect    --docs 200 --clients 5             ramp idle connections
//   node coedit.mjs seed       --doc big --edits 50000            write a long history (prints a state hash)
//   node coedit.mjs coldopen   --doc big --opens 5 --expect HASH  open it with fresh clients
//   node coedit.mjs durability                                    asks for a kill -9 in mid-typing, counts lost edits
//
// One process, one clock: an edit's latency is (visible in a sampled replica) - (handed to the socket).
import net from 'node:net'
import tls from 'node:tls'
import fs from 'node:fs'
import crypto from 'node:crypto'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import * as Y from 'yjs'
import * as enc from 'lib0/encoding'
import * as dec from 'lib0/decoding'
import WsLib from 'ws'

const { values: o, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' }, protocol: { type: 'string', default: 'ywebsocket' },
    docs: { type: 'string', default: '1' }, clients: { type: 'string', default: '10' },
    writers: { type: 'string', default: '10' }, rate: { type: 'string', default: '3' },
    awareness: { type: 'string', default: '0' }, seconds: { type: 'string', default: '10' },
    warmup: { type: 'string', default: '2' }, drain: { type: 'string', default: '10' },
    sample: { type: 'string', default: '2' }, // full replicas per document (first a writer, then readers)
    'verify-all': { type: 'boolean', default: false }, // keep every light client's frames, replay them at the end
    header: { type: 'string', multiple: true, default: [] }, cookie: { type: 'string' },
    'docs-file': { type: 'string' }, // one existing room (what replaces {doc}) a line; generated names otherwise
    'cookies-file': { type: 'string' }, // one Cookie header a line, handed to connections in turn (many people, not one)
    pid: { type: 'string', multiple: true, default: [] },
    ramp: { type: 'string', default: '20' }, // connections being opened at once
    transport: { type: 'string', default: 'raw' }, // raw | ws
    prefix: { type: 'string' }, doc: { type: 'string' }, token: { type: 'string', default: '' },
    start: { type: 'string', default: '200' }, p99: { type: 'string', default: '250' }, max: { type: 'string', default: '100000' },
    edits: { type: 'string', default: '50000' }, opens: { type: 'string', default: '5' }, expect: { type: 'string' },
    seed: { type: 'string', default: '7' }, hold: { type: 'string', default: '2' }, label: { type: 'string' },
    'max-seconds': { type: 'string', default: '300' }
  }
})
const mode = positionals[0] ?? 'load'
const N = k => Number(o[k])
if (!o.url) { console.error('--url is required'); process.exit(2) }
if (!/^wss?:\/\/(127\.0\.0\.1|localhost)[:/]/.test(o.url)) { console.error('refusing: only 127.0.0.1/localhost targets'); process.exit(2) }
const HOCUS = o.protocol === 'hocuspocus'
const now = () => performance.now()
const sleep = ms => new Promise(r => setTimeout(r, ms))
const round = (x, d = 2) => x == null || Number.isNaN(x) ? null : Math.round(x * 10 ** d) / 10 ** d
setTimeout(() => { console.error('global time limit'); process.exit(3) }, N('max-seconds') * 1000).unref()

let rng = (Number(o.seed) >>> 0) || 1
const rand = () => { rng ^= rng << 13; rng >>>= 0; rng ^= rng >>> 17; rng ^= rng << 5; rng >>>= 0; return rng / 4294967296 }
const CJK = '我们在会议上讨论了项目的进展和下一步计划需要大家共同编辑这份文档并且及时更新数据请各部门负责人确认时间安排以及预算情况谢谢'
const pct = (sorted, p) => sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil(p / 100 * sorted.length) - 1)] : null
const stats = a => { const s = Float64Array.from(a).sort(); return { n: s.length, p50: round(pct(s, 50)), p95: round(pct(s, 95)), p99: round(pct(s, 99)), max: round(s[s.length - 1]) } }

// ---------------------------------------------------------------- /proc
const HZ = 100
const procCpu = pid => { // seconds, process and reaped children
  const s = fs.readFileSync(`/proc/${pid}/stat`, 'utf8'); const f = s.slice(s.lastIndexOf(')') + 2).split(' ')
  return (Number(f[11]) + Number(f[12])) / HZ
}
const procRss = pid => { const m = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')); return m ? Number(m[1]) / 1024 : 0 }
const pids = o.pid.flatMap(p => p.split(',')).filter(Boolean)
const sum = f => pids.reduce((t, p) => { try { return t + f(p) } catch { return t } }, 0)
const coreBusy = () => Object.fromEntries(fs.readFileSync('/proc/stat', 'utf8').split('\n').filter(l => /^cpu\d/.test(l)).map(l => {
  const f = l.split(/\s+/); const v = f.slice(1).map(Number); const idle = v[3] + v[4]; return [f[0], { busy: (v.slice(0, 8).reduce((a, b) => a + b, 0) - idle) / HZ, steal: v[7] / HZ }]
}))
class Meter {
  constructor () { this.peak = 0; this.tick(); this.timer = setInterval(() => this.tick(), 250) }
  tick () { this.peak = Math.max(this.peak, sum(procRss)) }
  begin () { this.t0 = now(); this.c0 = sum(procCpu); this.g0 = process.cpuUsage(); this.k0 = coreBusy(); this.eld = monitorEventLoopDelay({ resolution: 5 }); this.eld.enable() }
  end () {
    clearInterval(this.timer); this.tick()
    const secs = (now() - this.t0) / 1000; const g = process.cpuUsage(this.g0); const k = coreBusy()
    const cpu = sum(procCpu) - this.c0; const gen = (g.user + g.system) / 1e6
    const cores = {}; for (const c in k) cores[c] = round((k[c].busy - this.k0[c].busy) / secs * 100, 0)
    const all = Object.keys(k).reduce((t, c) => t + k[c].busy - this.k0[c].busy, 0)
    return { window_s: round(secs), server_cpu_s: round(cpu, 3), server_cpu_pct: round(cpu / secs * 100, 1), server_peak_rss_mib: round(this.peak, 1),
      generator_cpu_pct: round(gen / secs * 100, 1), generator_too_busy: gen / secs > 0.85, generator_loop_delay_p99_ms: round(this.eld.percentile(99) / 1e6, 1),
      core_busy_pct: cores, other_cpu_pct: round((all - cpu - gen) / secs * 100, 1) }
  }
}

// ---------------------------------------------------------------- transports
const lines = f => f ? fs.readFileSync(f, 'utf8').split('\n').map(x => x.trim()).filter(Boolean) : null
const DOCS = lines(o['docs-file']), COOKIES = lines(o['cookies-file']); const docFor = new Map(); let cookieTurn = 0
// a generated name stands for the next existing room; saturate and repeated steps start again at the first
const roomOf = name => { if (!DOCS) return name; if (!docFor.has(name)) docFor.set(name, DOCS[docFor.size % DOCS.length]); return docFor.get(name) }
const extraHeaders = () => { const h = {}; for (const x of o.header) { const i = x.indexOf(':'); h[x.slice(0, i).trim()] = x.slice(i + 1).trim() } if (o.cookie) h.Cookie = o.cookie; if (COOKIES) h.Cookie = COOKIES[cookieTurn++ % COOKIES.length]; return h }
class RawWs { // small RFC 6455 client: far cheaper than a general one, so that the generator is not the limit
  constructor (url) {
    const u = new URL(url); this.rest = null; this.frag = null; this.open = false; this.bytes = 0; this.frames = 0; this.closed = false
    const port = Number(u.port || (u.protocol === 'wss:' ? 443 : 80))
    this.s = u.protocol === 'wss:' ? tls.connect({ host: u.hostname, port, servername: u.hostname }) : net.connect({ host: u.hostname, port })
    this.s.setNoDelay(true)
    const key = crypto.randomBytes(16).toString('base64')
    let h = `GET ${u.pathname}${u.search} HTTP/1.1\r\nHost: ${u.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n`
    const x = extraHeaders(); if (!Object.keys(x).some(k => k.toLowerCase() === 'origin')) h += `Origin: http://${u.host}\r\n`
    for (const k in x) h += `${k}: ${x[k]}\r\n`
    this.s.on(u.protocol === 'wss:' ? 'secureConnect' : 'connect', () => this.s.write(h + '\r\n'))
    this.s.on('data', d => this._data(d)); this.s.on('error', e => { this.error = e; this._close() }); this.s.on('close', () => this._close())
    this.mask = crypto.randomBytes(4); this.mask[0] |= 1
  }
  _close () { if (!this.closed) { this.closed = true; this.onclose?.(this.code ?? this.error?.message) } }
  _data (d) {
    this.bytes += d.length
    if (this.rest) { d = Buffer.concat([this.rest, d]); this.rest = null }
    let p = 0; const L = d.length
    if (!this.open) {
      const e = d.indexOf('\r\n\r\n'); if (e < 0) { this.rest = d; return }
      const head = d.toString('latin1', 0, e)
      if (!/^HTTP\/1\.1 101/.test(head)) { this.error = new Error(head.split('\r\n')[0]); this.s.destroy(); return }
      this.open = true; p = e + 4; this.onopen?.()
    }
    while (L - p >= 2) {
      const b0 = d[p]; let len = d[p + 1] & 127; let q = p + 2
      if (len === 126) { if (L - q < 2) break; len = d.readUInt16BE(q); q += 2 } else if (len === 127) { if (L - q < 8) break; len = Number(d.readBigUInt64BE(q)); q += 8 }
      if (L - q < len) break
      const op = b0 & 15; const body = d.subarray(q, q + len); p = q + len
      if (op === 2 || op === 1 || op === 0) {
        if (!(b0 & 128)) { (this.frag ??= []).push(Buffer.from(body)); continue }
        this.frames++
        if (op === 0) { this.frag.push(body); const m = Buffer.concat(this.frag); this.frag = null; this.onmessage(m) } else this.onmessage(body)
      } else if (op === 9) this._send(0x8a, body)
      else if (op === 8) { this.code = len >= 2 ? body.readUInt16BE(0) : 1005; this.s.end() }
    }
    if (p < L) this.rest = p ? d.subarray(p) : d
  }
  _send (b0, data) {
    if (this.closed) return
    const n = data.length; const hl = n < 126 ? 6 : n < 65536 ? 8 : 14; const b = Buffer.allocUnsafe(hl + n); b[0] = b0
    if (n < 126) b[1] = 128 | n; else if (n < 65536) { b[1] = 254; b.writeUInt16BE(n, 2) } else { b[1] = 255; b.writeBigUInt64BE(BigInt(n), 2) }
    const m = this.mask; b.set(m, hl - 4); for (let i = 0; i < n; i++) b[hl + i] = data[i] ^ m[i & 3]
    this.s.write(b)
  }
  send (data) { this._send(0x82, data) }
  close () { if (this.closed) return; this._send(0x88, Buffer.from([3, 232])); this.s.end(); setTimeout(() => this.s.destroy(), 2000).unref() }
}
class LibWs { // the general client, to cross-check the raw one
  constructor (url) {
    this.bytes = 0; this.frames = 0; this.closed = false
    this.w = new WsLib(url, { perMessageDeflate: false, headers: extraHeaders() }); this.w.binaryType = 'nodebuffer'
    this.w.on('open', () => this.onopen?.()); this.w.on('message', m => { this.frames++; this.bytes += m.length + (m.length < 126 ? 2 : 4); this.onmessage(m) })
    this.w.on('error', e => { this.error = e }); this.w.on('close', c => { this.closed = true; this.onclose?.(c) })
  }
  send (d) { this.w.send(d) } close () { this.w.close() }
}

// ---------------------------------------------------------------- a client
const EMPTY = new Uint8Array([0, 0])
class Client {
  constructor (docName, kind, tracker) { // kind: light | full
    this.docName = docName; this.full = kind === 'full'; this.tr = tracker; this.synced = false
    this.count = { update: 0, awareness: 0, acknowledgement: 0, other: 0 }
    this.kept = null; this.awLat = []; this.awSeen = 0
    this.sentAt = []; this.acknowledged = 0; this.ackLat = [] // frames with content, in the order they were sent
    this.nameBytes = Buffer.from(docName)
    this.skip = HOCUS ? this.nameBytes.length + 1 : 0
    if (HOCUS && this.nameBytes.length > 127) throw new Error('document name too long')
    this.doc = null
    if (this.full) { this.doc = new Y.Doc(); tracker?.attach(this) }
  }
  connect () {
    this.t0 = now()
    return new Promise((resolve, reject) => {
      const url = o.url.replaceAll('{doc}', DOCS ? roomOf(this.docName) : encodeURIComponent(this.docName))
      const ws = this.ws = o.transport === 'ws' ? new LibWs(url) : new RawWs(url)
      const to = setTimeout(() => { reject(new Error(`not synced within 60 s (open=${this.tOpen != null})`)); ws.close() }, 60000)
      ws.onopen = () => {
        this.tOpen = now()
        if (HOCUS) this.sendMsg(e => { enc.writeVarUint(e, 2); enc.writeVarUint(e, 0); enc.writeVarString(e, o.token) })
        this.sendMsg(e => { enc.writeVarUint(e, 0); enc.writeVarUint(e, 0); enc.writeVarUint8Array(e, this.doc ? Y.encodeStateVector(this.doc) : new Uint8Array([0])) })
      }
      ws.onmessage = m => this.onMessage(m)
      ws.onclose = c => { clearTimeout(to); this.closedWith = c ?? 'closed'; if (!this.synced) reject(new Error(`closed before sync: ${c}`)) }
      this.onSynced = () => { clearTimeout(to); this.tSynced = now(); resolve(this) }
    })
  }
  sendMsg (f) { const e = enc.createEncoder(); if (HOCUS) enc.writeVarString(e, this.docName); f(e); this.ws.send(enc.toUint8Array(e)) }
  sendContent (step, u) {
    this.sentAt.push(this.tr?.measuring ? now() : -1)
    this.sendMsg(e => { enc.writeVarUint(e, 0); enc.writeVarUint(e, step); enc.writeVarUint8Array(e, u) })
  }
  sendUpdate (u) { this.sendContent(2, u) }
  onAcknowledged (frames) {
    const t = now(); this.count.acknowledgement++
    for (; this.acknowledged < frames; this.acknowledged++) { const sent = this.sentAt[this.acknowledged]; if (sent >= 0) this.ackLat.push(t - sent) }
  }
  sendCursor (clientId, clock, state) {
    const a = enc.createEncoder(); enc.writeVarUint(a, 1); enc.writeVarUint(a, clientId); enc.writeVarUint(a, clock); enc.writeVarString(a, JSON.stringify(state))
    this.sendMsg(e => { enc.writeVarUint(e, 1); enc.writeVarUint8Array(e, enc.toUint8Array(a)) })
  }
  onMessage (m) {
    let p = this.skip; const type = m[p]
    if (type === 0 || (HOCUS && type === 4)) {
      const sub = m[p + 1]
      if (sub === 0) {
        const sv = dec.readVarUint8Array(dec.createDecoder(m.subarray(p + 2)))
        const mine = this.doc ?? this.writer?.doc
        const u = mine ? Y.encodeStateAsUpdate(mine, sv) : EMPTY
        if (!(HOCUS && type === 4 && u.length <= 2)) this.sendContent(1, u)
        this.count.other++
      } else {
        if (sub === 2) this.count.update++; else this.count.other++
        if (this.doc) {
          const u = dec.readVarUint8Array(dec.createDecoder(m.subarray(p + 2)))
          Y.applyUpdate(this.doc, u, 'net')
        } else if (this.kept) this.kept.push(Buffer.from(m.subarray(p + 2)))
        if (sub === 1 && !this.synced) { this.synced = true; this.onSynced() }
      }
    } else if (type === 1) {
      this.count.awareness++
      if (this.full) this.readAwareness(m.subarray(p + 1))
    } else if (HOCUS && type === 8) this.onAcknowledged(this.acknowledged + 1) // one for each frame
    else if (!HOCUS && type === 16) this.onAcknowledged(dec.readVarUint(dec.createDecoder(m.subarray(1)))) // so many are stored
    else this.count.other++
  }
  readAwareness (b) {
    const d = dec.createDecoder(dec.readVarUint8Array(dec.createDecoder(b))); const n = dec.readVarUint(d)
    for (let i = 0; i < n; i++) {
      const c = dec.readVarUint(d); dec.readVarUint(d); const s = JSON.parse(dec.readVarString(d))
      if (s?.t && c !== this.writer?.id) { this.awSeen++; if (this.tr?.measuring) this.awLat.push(now() - s.t) }
    }
  }
}

// ---------------------------------------------------------------- writers and the edit ledger
class Writer {
  constructor (client, tracker, rate, index) {
    this.c = client; client.writer = this; this.tr = tracker; this.index = index
    this.doc = client.doc ?? new Y.Doc(); this.id = this.doc.clientID
    this.frag = this.doc.getXmlFragment('default'); this.text = null; this.cursor = 0; this.inPara = 0
    this.end = []; this.t = []; this.recv = []; this.dels = new Map(); this.nDel = 0; this.awClock = 0; this.updates = []
    tracker.writers.set(this.id, this)
    this.doc.on('afterTransaction', tr => { this.lastDel = tr.local ? tr.deleteSet : null })
    this.doc.on('update', (u, origin) => { if (origin === 'me') this.pending = u })
  }
  edit () {
    const d = this.doc; let del = false
    d.transact(() => {
      if (!this.text || this.inPara > 160) { // a new paragraph
        const el = new Y.XmlElement('paragraph'); this.text = new Y.XmlText(); el.insert(0, [this.text]); this.frag.insert(this.frag.length, [el]); this.cursor = 0; this.inPara = 0
      }
      if (this.cursor > 4 && rand() < 0.1) { this.cursor--; this.text.delete(this.cursor, 1); del = true } else {
        if (this.inPara > 10 && rand() < 0.03) this.cursor = Math.floor(rand() * this.text.length) // the cursor jumps
        const k = 1 + Math.floor(rand() * 3); const at = Math.floor(rand() * (CJK.length - 3)); const s = CJK.slice(at, at + k)
        this.text.insert(this.cursor, s); this.cursor += k
      }
      this.inPara++
    }, 'me')
    const u = this.pending; const t = now()
    if (del) { this.nDel++; this.lastDel.clients.forEach((items, cl) => items.forEach(it => this.dels.set(it.clock, { t, cl, recv: 0, measured: this.tr.measuring }))) } else { this.end.push(d.store.getState ? d.store.getState(this.id) : Y.getState(d.store, this.id)); this.t.push(this.tr.measuring ? t : -1); this.recv.push(0) }
    this.updates.push(u); this.tr.sent++
    if (this.tr.measuring) this.tr.sentMeasured++
    this.c.sendUpdate(u)
  }
  cursorMove () {
    const st = { user: { name: `同事${this.index}`, color: '#3aa675' }, cursor: { anchor: { type: null, tname: null, item: { client: this.id, clock: this.end.at(-1) ?? 0 }, assoc: 0 }, head: { type: null, tname: null, item: { client: this.id, clock: this.end.at(-1) ?? 0 }, assoc: 0 } }, t: now() }
    this.tr.cursorsSent++
    this.c.sendCursor(this.id, ++this.awClock, st)
  }
}
class Tracker { // one per document
  constructor () { this.writers = new Map(); this.sent = 0; this.sentMeasured = 0; this.cursorsSent = 0; this.lat = []; this.replicas = []; this.measuring = false }
  attach (client) {
    const r = { client, ptr: new Map(), seen: 0 }; this.replicas.push(r); client.replica = r; const bit = 1 << Math.min(this.replicas.length - 1, 30); r.bit = bit
    client.doc.on('afterTransaction', tr => {
      if (tr.local && tr.origin === 'me') return
      const t = now()
      tr.afterState.forEach((clock, cl) => {
        if (tr.beforeState.get(cl) === clock) return
        const w = this.writers.get(cl); if (!w || w.doc === client.doc) return
        let i = r.ptr.get(cl) ?? 0
        for (; i < w.end.length && w.end[i] <= clock; i++) { if (w.t[i] >= 0) this.lat.push(t - w.t[i]); w.recv[i] |= bit; r.seen++ }
        r.ptr.set(cl, i)
      })
      tr.deleteSet.clients.forEach((items, cl) => {
        const w = this.writers.get(cl); if (!w || w.doc === client.doc) return
        for (const it of items) for (let k = it.clock; k < it.clock + it.len; k++) { const x = w.dels.get(k); if (x && !(x.recv & bit)) { x.recv |= bit; r.seen++; if (x.measured) this.lat.push(t - x.t) } }
      })
    })
  }
  expected (r) { let n = 0; for (const w of this.writers.values()) if (w.doc !== r.client.doc) n += w.end.length + w.dels.size; return n }
  complete () { return this.replicas.every(r => r.seen >= this.expected(r)) }
}
const connectAll = async (clients, ramp) => {
  let i = 0; const fails = []
  await Promise.all(Array.from({ length: Math.min(ramp, clients.length) }, async () => { while (i < clients.length) { const c = clients[i++]; try { await c.connect() } catch (e) { fails.push(e.message) } } }))
  return fails
}
const runId = () => o.prefix ?? `b${Date.now().toString(36)}${Math.floor(Math.random() * 1e4)}`

async function load ({ docs, clients: nc, writers: nw, rate, aw, seconds, warmup, sample, verify, hook }) {
  const pre = runId(); const trackers = []; const all = []; const writers = []
  for (let d = 0; d < docs; d++) {
    const tr = new Tracker(); trackers.push(tr)
    for (let i = 0; i < nc; i++) {
      // sampled replicas: the first is a writer (when there is one and sample > 1), the others readers or the last clients
      const full = (sample > 1 && i === 0) || i >= nc - (sample > 1 ? sample - 1 : sample)
      const c = new Client(`${pre}-${d}`, full ? 'full' : 'light', tr); c.tracker = tr
      if (verify && !full) c.kept = []
      all.push(c)
      if (i < nw) writers.push(new Writer(c, tr, rate, i))
    }
  }
  const meter = new Meter(); const rss0 = sum(procRss)
  const fails = await connectAll(all, N('ramp'))
  if (fails.length) { for (const c of all) c.ws?.close(); clearInterval(meter.timer); return { failed: true, connect_errors: fails.length, first_error: fails[0] } }
  await sleep(300)
  let stop = false; const mean = 1000 / rate; const amean = aw ? 1000 / aw : Infinity
  for (const w of writers) { w.next = now() + rand() * mean; w.anext = now() + rand() * amean }
  const loop = () => {
    if (stop) return
    const t = now()
    for (const w of writers) {
      let burst = 0
      while (w.next <= t && burst++ < 50) { if (!w.c.closedWith) w.edit(); w.next += mean * (0.5 + rand()) }
      if (w.anext <= t) { if (!w.c.closedWith) w.cursorMove(); w.anext = Math.max(w.anext + amean * (0.5 + rand()), t) }
    }
    setTimeout(loop, 1)
  }
  loop()
  await sleep(warmup * 1000)
  const snap = all.map(c => ({ b: c.ws.bytes, f: c.ws.frames, u: c.count.update, a: c.count.awareness, s: c.count.acknowledgement }))
  meter.begin(); for (const t of trackers) t.measuring = true
  if (hook) { const r = await hook({ trackers, all, writers, stop: () => { stop = true } }); stop = true; meter.end(); return r }
  await sleep(seconds * 1000)
  stop = true; for (const t of trackers) t.measuring = false
  const tStop = now()
  while (now() - tStop < N('drain') * 1000 && !trackers.every(t => t.complete())) await sleep(5)
  const drainMs = now() - tStop
  const m = meter.end()
  await sleep(50)
  // ---- correctness: every sampled replica equals the oracle built from all updates sent
  let lost = 0, seen = 0, expect = 0, diverged = 0, kept = 0, keptBad = 0
  for (const t of trackers) {
    const oracle = new Y.Doc()
    for (const w of t.writers.values()) for (const u of w.updates) Y.applyUpdate(oracle, u)
    const snapO = Y.snapshot(oracle); const txt = oracle.getXmlFragment('default').toString()
    for (const r of t.replicas) {
      const e = t.expected(r); expect += e; seen += r.seen; lost += Math.max(0, e - r.seen)
      if (!Y.equalSnapshots(snapO, Y.snapshot(r.client.doc)) || r.client.doc.getXmlFragment('default').toString() !== txt) diverged++
    }
    if (verify) for (const c of all) if (c.tr === t && c.kept) {
      const d = new Y.Doc(); if (c.writer) for (const u of c.writer.updates) Y.applyUpdate(d, u)
      for (const b of c.kept) Y.applyUpdate(d, dec.readVarUint8Array(dec.createDecoder(b)))
      kept++; if (!Y.equalSnapshots(snapO, Y.snapshot(d)) || d.getXmlFragment('default').toString() !== txt) keptBad++
    }
  }
  const sent = trackers.reduce((a, t) => a + t.sent, 0); const sentM = trackers.reduce((a, t) => a + t.sentMeasured, 0)
  const closed = all.filter(c => c.closedWith).length
  const lat = stats(trackers.flatMap(t => t.lat)); const awl = stats(all.flatMap(c => c.awLat))
  const perC = k => round(all.reduce((a, c, i) => a + (k(c) - 0), 0) / all.length, 1)
  let i = 0; const fr = all.reduce((a, c, j) => a + c.ws.frames - snap[j].f, 0); const by = all.reduce((a, c, j) => a + c.ws.bytes - snap[j].b, 0)
  const up = all.reduce((a, c, j) => a + c.count.update - snap[j].u, 0); const awf = all.reduce((a, c, j) => a + c.count.awareness - snap[j].a, 0); const stf = all.reduce((a, c, j) => a + c.count.acknowledgement - snap[j].s, 0)
  for (const c of all) c.ws.close()
  await sleep(150)
  const delivered = sentM * (nc - 1)
  return { docs, clients_per_doc: nc, writers_per_doc: nw, rate_per_writer: rate, awareness_per_writer: aw, seconds,
    offered_edits_per_s: docs * nw * rate, edits_sent: sent, edits_sent_measured: sentM, sent_per_s: round(sentM / seconds, 1),
    seen_expected: expect, seen, lost, replicas: trackers.reduce((a, t) => a + t.replicas.length, 0), diverged, light_checked: kept, light_bad: keptBad, closed_connections: closed,
    latency_ms: lat, acknowledged_ms: stats(all.flatMap(c => c.ackLat)), awareness_ms: aw ? { ...awl, sent: trackers.reduce((a, t) => a + t.cursorsSent, 0) } : undefined, drain_ms: round(drainMs, 0),
    per_client: { frames: round(fr / all.length, 1), bytes: round(by / all.length, 0), update_frames: round(up / all.length, 1), awareness_frames: round(awf / all.length, 1), ack_frames: round(stf / all.length, 1) },
    ...m, rss_before_mib: round(rss0, 1), cpu_us_per_delivery: round(m.server_cpu_s * 1e6 / delivered, 2), frames_received_per_s: round(fr / m.window_s, 0) }
}
const cfg = () => ({ docs: N('docs'), clients: N('clients'), writers: N('writers'), rate: N('rate'), aw: N('awareness'), seconds: N('seconds'), warmup: N('warmup'), sample: N('sample'), verify: o['verify-all'] })
const okRun = r => !r.failed && !r.lost && !r.diverged && !r.light_bad && !r.closed_connections

const modes = {
  async load () { const r = await load(cfg()); r.ok = okRun(r); return r },
  async saturate () {
    const c = cfg(); const steps = []; let rate = N('start'); let best = null; let bad = null; let stopWhy = 'max'
    const step = async (tot, again = true) => {
      const r = await load({ ...c, rate: tot / c.writers, warmup: Math.min(c.warmup, 1) })
      const reached = !r.failed && r.sent_per_s > 0.93 * tot
      const pass = okRun(r) && reached && r.latency_ms.p99 <= N('p99')
      steps.push({ offered: round(tot, 0), sent_per_s: r.sent_per_s, p50: r.latency_ms?.p50, p99: r.latency_ms?.p99, lost: r.lost, diverged: r.diverged, closed: r.closed_connections, server_cpu_pct: r.server_cpu_pct, gen_pct: r.generator_cpu_pct, us: r.cpu_us_per_delivery, frames_per_s: r.frames_received_per_s, rss: r.server_peak_rss_mib, other_pct: r.other_cpu_pct, pass, failed: r.failed, err: r.first_error })
      await sleep(300)
      if (!pass && again) return step(tot, false) // a step fails only when it fails twice (the machine is shared)
      return { r, pass }
    }
    for (let n = 0; n < 14; n++) {
      const { r, pass } = await step(rate)
      if (pass) { best = r; if (r.generator_too_busy) { stopWhy = 'generator busy'; break } rate *= 1.5; if (rate > N('max')) break } else { bad = rate; stopWhy = r.generator_too_busy ? 'p99 (generator also busy)' : 'server p99'; break }
    }
    if (bad && best) { let lo = best.offered_edits_per_s; for (let n = 0; n < 2; n++) { const mid = Math.sqrt(lo * bad); const { r, pass } = await step(mid); if (pass) { best = r; lo = mid } else bad = mid } }
    return { highest_sustained_edits_per_s: best ? round(best.sent_per_s, 0) : 0, stopped_by: stopWhy, p99_at_best: best?.latency_ms.p99, gen_pct_at_best: best?.generator_cpu_pct, server_pct_at_best: best?.server_cpu_pct, us_per_delivery_at_best: best?.cpu_us_per_delivery, frames_per_s_at_best: best?.frames_received_per_s, steps }
  },
  async connect () {
    const pre = runId(); const all = []; const D = N('docs'); const C = N('clients')
    for (let i = 0; i < D * C; i++) all.push(new Client(`${pre}-${i % D}`, 'light', null))
    const rss0 = sum(procRss); const meter = new Meter(); meter.begin(); const t0 = now()
    const fails = await connectAll(all, N('ramp')); const ms = now() - t0
    await sleep(N('hold') * 1000)
    const rss1 = sum(procRss); const m = meter.end(); const live = all.filter(c => c.synced && !c.closedWith)
    for (const c of all) c.ws?.close()
    await sleep(500)
    return { connections: all.length, live: live.length, errors: fails.length, first_error: fails[0], ramp_ms: round(ms, 0), per_s: round(live.length / ms * 1000, 0), upgrade_ms: stats(live.map(c => c.tOpen - c.t0)), synced_ms: stats(live.map(c => c.tSynced - c.t0)), rss_before_mib: round(rss0, 1), rss_after_mib: round(rss1, 1), kib_per_connection: round((rss1 - rss0) * 1024 / live.length, 1), cpu_ms_per_connection: round(m.server_cpu_s * 1000 / live.length, 3), ...m }
  },
  async seed () { // one long history, as separate update messages
    const tr = new Tracker(); const name = o.doc ?? runId(); const n = N('edits'); const W = 5
    const cs = Array.from({ length: W }, () => new Client(name, 'light', tr)); const watch = new Client(name, 'full', tr)
    const ws = cs.map((c, i) => new Writer(c, tr, 1, i)); await connectAll([watch, ...cs], 6); const t0 = now(); let last = now(), seen = 0
    for (let i = 0; i < n; i++) {
      ws[i % W].edit(); if (i % 25 === 24) await new Promise(r => setImmediate(r))
      while (tr.sent - watch.replica.seen > 500) { await sleep(2); if (watch.replica.seen !== seen) { seen = watch.replica.seen; last = now() } if (now() - last > 30000) return { failed: true, sent: tr.sent, seen } }
    }
    while (!tr.complete() && now() - last < 60000) { await sleep(20); if (watch.replica.seen !== seen) { seen = watch.replica.seen; last = now() } }
    await sleep(N('hold') * 1000)
    const h = hashDoc(watch.doc); const size = Y.encodeStateAsUpdate(watch.doc).length; for (const c of [watch, ...cs]) c.ws.close(); await sleep(200)
    return { doc: name, edits: tr.sent, seen: watch.replica.seen, lost: tr.expected(watch.replica) - watch.replica.seen, seconds: round((now() - t0) / 1000), state_bytes: size, text_chars: h.chars, hash: h.hash }
  },
  async coldopen () {
    const out = []; const meter = new Meter(); meter.begin()
    for (let i = 0; i < N('opens'); i++) {
      const c = new Client(o.doc, 'full', null); await c.connect(); let h = hashDoc(c.doc)
      const t = now(); let full = c.tSynced
      // some servers answer step 2 before the store is loaded: wait for the expected state
      while (o.expect && h.hash !== o.expect && now() - t < 60000) { await sleep(5); const k = hashDoc(c.doc); if (k.hash !== h.hash) full = now(); h = k }
      out.push({ upgrade_ms: round(c.tOpen - c.t0), step2_ms: round(c.tSynced - c.tOpen), full_ms: round(full - c.tOpen), bytes: c.ws.bytes, match: o.expect ? h.hash === o.expect : undefined, chars: h.chars }); c.ws.close(); await sleep(100)
    }
    const m = meter.end()
    return { doc: o.doc, first: out[0], rest_full_ms: stats(out.slice(1).map(x => x.full_ms)), all_match: out.every(x => x.match !== false), opens: out, server_cpu_ms_per_open: round(m.server_cpu_s * 1000 / out.length, 1), server_peak_rss_mib: m.server_peak_rss_mib, generator_cpu_pct: m.generator_cpu_pct }
  },
  async durability () {
    const c = cfg()
    return await load({ ...c, hook: async ({ trackers, all, writers, stop }) => {
      await sleep(c.seconds * 1000 * (0.8 + 0.4 * Math.random()))
      // whoever runs the server kills it, starts it again on the same store, and answers with a line
      const answer = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
      console.log(JSON.stringify({ event: 'kill' }))
      while (!all.every(x => x.closedWith)) await sleep(1)
      const tKill = now(); stop(); await answer.next()
      let received = 0, missing = 0, sent = 0, age = 0
      for (let i = 0; i < trackers.length; i++) {
        const t = trackers[i]; const name = all.find(x => x.tr === t).docName
        const fresh = new Client(name, 'full', new Tracker()); await fresh.connect(); await sleep(1500)
        const sv = new Map(Object.entries(Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(fresh.doc)))).map(([k, v]) => [Number(k), v]))
        const ds = Y.createDeleteSetFromStructStore ? Y.createDeleteSetFromStructStore(fresh.doc.store) : Y.snapshot(fresh.doc).ds
        for (const w of t.writers.values()) {
          sent += w.end.length + w.dels.size
          const have = sv.get(w.id) ?? 0
          w.end.forEach((e, k) => { if (w.recv[k]) { received++; if (e > have) { missing++; if (w.t[k] > 0) age = Math.max(age, tKill - w.t[k]) } } })
          const items = ds.clients.get(w.id) ?? []
          w.dels.forEach((x, clock) => { if (x.recv) { received++; if (!items.some(it => clock >= it.clock && clock < it.clock + it.len)) { missing++; age = Math.max(age, tKill - x.t) } } })
        }
        fresh.ws.close()
      }
      return { edits_sent: sent, received_by_others: received, gone_after_restart: missing, gone_pct: round(missing / received * 100, 2), oldest_gone_ms_before_kill: round(age, 0), docs: c.docs }
    } })
  }
}
const hashDoc = d => { const x = d.getXmlFragment('default').toString(); return { hash: crypto.createHash('sha256').update(x).digest('hex').slice(0, 16), chars: x.length } }
if (!modes[mode]) { console.error('unknown mode ' + mode); process.exit(2) }
const res = await modes[mode]()
console.log(JSON.stringify({ label: o.label, mode, protocol: o.protocol, url: o.url, transport: o.transport, ...res }, null, process.stdout.isTTY ? 1 : 0))
process.exit(res.ok === false || res.failed ? 1 : 0)
