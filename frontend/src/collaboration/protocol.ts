/** The wire: the frames of realtime/protocol.py, read and written. Pure. */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

import type { Access, Identity } from "./types";

const SYNC = 0;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;
const DURABLE = 16;
const STATUS = 17;

const STEP1 = 0;
const STEP2 = 1;
const UPDATE = 2;

export type ServerMessage =
  | { type: "step1"; stateVector: Uint8Array }
  | { type: "step2"; update: Uint8Array }
  | { type: "update"; update: Uint8Array }
  | { type: "awareness"; update: Uint8Array }
  | { type: "durable"; frames: number; stateVector: Uint8Array }
  | { type: "status"; access: Access; reason: string; user: Identity }
  | { type: "unknown" };

/** Throws when the bytes are cut off. */
export function readMessage(frame: Uint8Array): ServerMessage {
  const decoder = decoding.createDecoder(frame);
  switch (decoding.readVarUint(decoder)) {
    case SYNC:
      return readSync(decoder);
    case AWARENESS:
      return { type: "awareness", update: decoding.readVarUint8Array(decoder) };
    case DURABLE:
      return {
        type: "durable",
        frames: decoding.readVarUint(decoder),
        stateVector: decoding.readVarUint8Array(decoder),
      };
    case STATUS:
      return readStatus(decoding.readVarString(decoder));
    default:
      return { type: "unknown" };
  }
}

function readSync(decoder: decoding.Decoder): ServerMessage {
  const step = decoding.readVarUint(decoder);
  const bytes = decoding.readVarUint8Array(decoder);
  if (step === STEP1) return { type: "step1", stateVector: bytes };
  if (step === STEP2) return { type: "step2", update: bytes };
  if (step === UPDATE) return { type: "update", update: bytes };
  return { type: "unknown" };
}

function readStatus(text: string): ServerMessage {
  const { access, reason, user } = JSON.parse(text) as { access: Access; reason: string; user: Identity };
  return { type: "status", access, reason, user };
}

function syncFrame(step: number, bytes: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, SYNC);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
}

export const step1Frame = (stateVector: Uint8Array): Uint8Array => syncFrame(STEP1, stateVector);
export const step2Frame = (update: Uint8Array): Uint8Array => syncFrame(STEP2, update);
export const updateFrame = (update: Uint8Array): Uint8Array => syncFrame(UPDATE, update);

export function awarenessFrame(update: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, AWARENESS);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

export function queryAwarenessFrame(): Uint8Array {
  return new Uint8Array([QUERY_AWARENESS]);
}

/** What a close code asks of us. */
export type Verdict = "signed-out" | "no-right" | "missing" | "deleted" | "now" | "refused" | "retry";

const VERDICTS: Readonly<Record<number, Verdict>> = {
  4401: "signed-out",
  4403: "no-right",
  4404: "missing",
  4410: "deleted",
  4423: "now",
  4400: "refused",
  4413: "refused",
  4420: "refused",
  4421: "refused",
  4422: "refused",
};

export function verdictOn(code: number): Verdict {
  return VERDICTS[code] ?? "retry";
}
