/** Topics on the wire: message 18 of realtime/protocol.py, read and written. Pure. */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

import { Message, type TOPIC_REFUSALS } from "../generated/contracts";

/** Why a topic is not followed. */
export type TopicRefusal = (typeof TOPIC_REFUSALS)[number];

export interface TopicEvent {
  number: number;
  kind: string;
  data: unknown;
  /** The id of who did it, if the event tells. */
  actor: number | null;
  at: string;
}

export type TopicMessage =
  /** All that concerns us of the numbers after `after` up to `through`; `more`: ask for the rest. */
  | { type: "events"; topic: string; events: TopicEvent[]; after: number; through: number; more: boolean }
  /** What we missed is kept no longer. */
  | { type: "reset"; topic: string }
  | { type: "refused"; topic: string; reason: TopicRefusal };

export function isTopicFrame(frame: Uint8Array): boolean {
  return frame[0] === Message.TOPIC;
}

/** Throws when the bytes are cut off. */
export function readTopicFrame(frame: Uint8Array): TopicMessage {
  const decoder = decoding.createDecoder(frame);
  decoding.readVarUint(decoder);
  return JSON.parse(decoding.readVarString(decoder)) as TopicMessage;
}

export function followFrame(topic: string, after: number): Uint8Array {
  return topicFrame({ type: "follow", topic, after });
}

export function unfollowFrame(topic: string): Uint8Array {
  return topicFrame({ type: "unfollow", topic });
}

function topicFrame(body: object): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, Message.TOPIC);
  encoding.writeVarString(encoder, JSON.stringify(body));
  return encoding.toUint8Array(encoder);
}
