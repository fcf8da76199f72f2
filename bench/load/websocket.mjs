// A small RFC 6455 client: far cheaper than a general one, so that the generator is not the limit.
import crypto from "node:crypto";
import net from "node:net";
import { cookies } from "./options.mjs";

const BINARY = 0x82;
const CLOSE = 0x88;
const PONG = 0x8a;
let turn = 0;

function request(url, cookie) {
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${crypto.randomBytes(16).toString("base64")}`,
    "Sec-WebSocket-Version: 13",
    `Origin: http://${url.host}`,
    ...(cookie ? [`Cookie: ${cookie}`] : []),
    "\r\n",
  ].join("\r\n");
}

/** The length of a frame's body and where it begins; null while its head is not all here. */
function head(data, at) {
  const length = data[at + 1] & 127;
  if (length < 126) return { length, body: at + 2 };
  const body = at + (length === 126 ? 4 : 10);
  if (data.length < body) return null;
  return { length: length === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2)), body };
}

export class WebSocketClient {
  bytes = 0;
  frames = 0;
  closed = false;
  #open = false;
  #rest = null;
  #fragments = [];
  #code = null;

  constructor(address) {
    const url = new URL(address);
    const cookie = cookies?.[turn++ % cookies.length];
    this.mask = crypto.randomBytes(4);
    this.socket = net.connect({ host: url.hostname, port: Number(url.port) });
    this.socket.setNoDelay(true);
    this.socket.on("connect", () => this.socket.write(request(url, cookie)));
    this.socket.on("data", (data) => this.#receive(data));
    this.socket.on("error", (error) => this.#end(error.message));
    this.socket.on("close", () => this.#end(this.#code));
  }

  #end(why) {
    if (this.closed) return;
    this.closed = true;
    this.onclose?.(why);
  }

  #receive(data) {
    this.bytes += data.length;
    if (this.#rest) data = Buffer.concat([this.#rest, data]);
    this.#rest = null;
    const done = this.#open ? this.#read(data, 0) : this.#handshake(data);
    if (done < data.length) this.#rest = data.subarray(done);
  }

  #handshake(data) {
    const end = data.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    const status = data.toString("latin1", 0, data.indexOf("\r\n"));
    if (!status.startsWith("HTTP/1.1 101")) {
      this.#end(status);
      this.socket.destroy();
      return data.length;
    }
    this.#open = true;
    this.onopen?.();
    return this.#read(data, end + 4);
  }

  /** Takes every whole frame; returns where the first unfinished one begins. */
  #read(data, at) {
    while (data.length - at >= 2) {
      const found = head(data, at);
      if (!found || data.length - found.body < found.length) break;
      const first = data[at];
      at = found.body + found.length;
      this.#frame(first, data.subarray(found.body, at));
    }
    return at;
  }

  #frame(first, body) {
    const kind = first & 15;
    const final = first & 128;
    if (kind === 8) {
      this.#code = body.length >= 2 ? body.readUInt16BE(0) : 1005;
      this.socket.end();
    } else if (kind === 9) {
      this.#write(PONG, body);
    } else if (kind <= 2) {
      if (final) this.frames++;
      if (final && !this.#fragments.length) this.onmessage(body);
      else this.#fragment(final, body);
    }
  }

  #fragment(final, body) {
    this.#fragments.push(Buffer.from(body));
    if (!final) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.onmessage(whole);
  }

  #write(first, data) {
    if (this.closed) return;
    const length = data.length;
    const start = length < 126 ? 6 : length < 65536 ? 8 : 14;
    const frame = Buffer.allocUnsafe(start + length);
    frame[0] = first;
    if (length < 126) {
      frame[1] = 128 | length;
    } else if (length < 65536) {
      frame[1] = 254;
      frame.writeUInt16BE(length, 2);
    } else {
      frame[1] = 255;
      frame.writeBigUInt64BE(BigInt(length), 2);
    }
    const mask = this.mask;
    frame.set(mask, start - 4);
    for (let i = 0; i < length; i++) frame[start + i] = data[i] ^ mask[i & 3];
    this.socket.write(frame);
  }

  send(data) {
    this.#write(BINARY, data);
  }

  close() {
    if (this.closed) return;
    this.#write(CLOSE, Buffer.from([3, 232])); // 1000
    this.socket.end();
    setTimeout(() => this.socket.destroy(), 2000).unref();
  }
}
