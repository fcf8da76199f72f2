/**
 * A page that follows a topic on a real server, by the project's own client, on a line that is cut again and again.
 *
 *   vite-node tests/topics/follow.ts --base http://127.0.0.1:8000 --session KEY --topic KIND:UUID --last 40
 *
 * Ends when event `last` has arrived and prints the numbers of all, as JSON.
 */

import "../collaboration/property/world";

import { parseArgs } from "node:util";
import WebSocket from "ws";

import { Topics } from "../../src/topics/topics";

const { values } = parseArgs({
  options: {
    base: { type: "string" },
    session: { type: "string" },
    topic: { type: "string" },
    last: { type: "string" },
  },
});
const { base, session, topic } = values as { base: string; session: string; topic: string };
const last = Number(values.last);
const numbers: number[] = [];
let cuts = 0;
let socket: WebSocket | null = null;

function open(url: string): globalThis.WebSocket {
  const { pathname } = new URL(url);
  socket = new WebSocket(base.replace("http", "ws") + pathname, {
    headers: { Cookie: `sessionid=${session}`, Origin: base },
  });
  socket.on("error", () => undefined);
  return socket as unknown as globalThis.WebSocket;
}

function finish(why: string): void {
  console.log(JSON.stringify({ why, numbers, cuts }));
  process.exit(0);
}

new Topics(open).follow(topic, 0, {
  event: ({ number }) => {
    numbers.push(number);
    if (number === last) finish("done");
    if (number % 4 !== 0) return;
    cuts += 1;
    socket?.terminate();
  },
  reset: () => {
    finish("reset");
  },
  refused: finish,
});
