/** What the save chip may say, from what is known. Pure: the only promise is what the server has confirmed. */

import type { Access, SaveState } from "./types";

/** A pause this long ends one burst of editing and begins the next. */
export const BURST_PAUSE = 1_500;
/** Below this, "saving" would only flicker. */
export const SAVING_SHOWN_AFTER = 2_000;
/** On line, but neither the server nor this device has taken it for so long: say so. */
export const FAILED_AFTER = 10_000;

/** A run of edits that belong together. */
export interface Burst {
  since: number;
  last: number;
  /** The latest frame of this connection that carries its edits; null: some edit is in no frame yet. */
  frame: number | null;
  /** It was made, or left unconfirmed, while the line was down. */
  late: boolean;
}

export interface Saving {
  /** The handshake of the present connection is done. */
  online: boolean;
  /** Content from the server or from this device is on the page. */
  opened: boolean;
  access: Access;
  reason: string;
  refused: boolean;
  /** Frames with content sent on this connection, and how many of them are durable. */
  sent: number;
  confirmed: number;
  bursts: readonly Burst[];
  /** When the server last had everything. */
  savedTime: number | null;
  device: "unknown" | "writing" | "written" | "unwritable";
}

export function newSaving(access: Access): Saving {
  return {
    online: false,
    opened: false,
    access,
    reason: "",
    refused: false,
    sent: 0,
    confirmed: 0,
    bursts: [],
    savedTime: null,
    device: "unknown",
  };
}

/** The person changed something. */
export function edited(saving: Saving, now: number): Saving {
  const device = saving.device === "unwritable" ? "unwritable" : "writing";
  const last = saving.bursts[saving.bursts.length - 1];
  if (last && now - last.last <= BURST_PAUSE) {
    const grown = { ...last, last: now, frame: null, late: last.late || !saving.online };
    return { ...saving, device, bursts: [...saving.bursts.slice(0, -1), grown] };
  }
  const begun: Burst = { since: now, last: now, frame: null, late: !saving.online };
  return { ...saving, device, bursts: [...saving.bursts, begun] };
}

/** Changes of an earlier visit were found on this device. */
export function found(saving: Saving, bursts: number, now: number): Saving {
  const old = Array.from({ length: bursts }, (): Burst => ({ since: now, last: 0, frame: null, late: true }));
  return { ...saving, bursts: [...old, ...saving.bursts] };
}

/** A frame with everything that was waiting went out. */
export function frameSent(saving: Saving): Saving {
  const sent = saving.sent + 1;
  return { ...saving, sent, bursts: saving.bursts.map((burst) => ({ ...burst, frame: burst.frame ?? sent })) };
}

/** The first `frames` frames of this connection are durable. */
export function confirmed(saving: Saving, frames: number, now: number): Saving {
  const bursts = saving.bursts.filter((burst) => burst.frame === null || burst.frame > frames);
  const whole = bursts.length === 0 && frames >= saving.sent;
  return { ...saving, confirmed: frames, bursts, savedTime: whole ? now : saving.savedTime };
}

/** The handshake is done; the frames of this connection are counted from here. */
export function lineUp(saving: Saving): Saving {
  return { ...saving, online: true };
}

/** Whatever was not confirmed has to go again, in the first frame of the next connection. */
export function lineDown(saving: Saving): Saving {
  const bursts = saving.bursts.map((burst) => ({ ...burst, frame: null, late: true }));
  return { ...saving, online: false, sent: 0, confirmed: 0, bursts };
}

/** True when nothing that the person did is unconfirmed. */
export function allSaved(saving: Saving): boolean {
  return saving.bursts.length === 0 && saving.confirmed >= saving.sent;
}

export function describe(saving: Saving, now: number): SaveState {
  const count = saving.bursts.length;
  if (saving.refused && count > 0) return { kind: "failed", reason: "refused" };
  if (saving.access !== "write") {
    if (count > 0) return { kind: "failed", reason: "access-lost" };
    return { kind: "read-only", reason: saving.reason || (saving.access === "comment" ? "comment" : "") };
  }
  if (!saving.opened) return { kind: "opening" };
  return saving.online ? describeOnline(saving, now) : describeOffline(saving);
}

function describeOffline(saving: Saving): SaveState {
  const count = saving.bursts.length;
  if (count === 0) return calm(saving);
  if (saving.device === "unwritable") return { kind: "failed", reason: "not-on-this-device" };
  return saving.device === "written" ? { kind: "local", count } : { kind: "saving" };
}

function describeOnline(saving: Saving, now: number): SaveState {
  const oldest = saving.bursts[0];
  if (oldest === undefined) return calm(saving);
  const waiting = now - oldest.since;
  if (saving.device === "unwritable" && waiting >= FAILED_AFTER) {
    return { kind: "failed", reason: "not-on-this-device" };
  }
  if (saving.bursts.some((burst) => burst.late)) return { kind: "catching-up", count: saving.bursts.length };
  return waiting >= SAVING_SHOWN_AFTER || saving.savedTime === null ? { kind: "saving" } : calm(saving);
}

/** Nothing to report: the last time at which the server had everything. */
function calm(saving: Saving): SaveState {
  if (saving.savedTime !== null) return { kind: "saved", time: saving.savedTime };
  return saving.online ? { kind: "opening" } : { kind: "local", count: 0 };
}

/** When `describe` may change by the passing of time alone; null: never. */
export function nextLook(saving: Saving, now: number): number | null {
  const oldest = saving.bursts[0];
  if (oldest === undefined || !saving.online) return null;
  const marks = [SAVING_SHOWN_AFTER, FAILED_AFTER].map((mark) => oldest.since + mark).filter((mark) => mark > now);
  return marks.length > 0 ? Math.min(...marks) : null;
}
