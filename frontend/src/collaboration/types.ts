import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";

import type { Store } from "../shared/store";

export type Access = "none" | "read" | "comment" | "suggest" | "write";
export type Side = "town" | "village" | "";

/** Who somebody is, as the server states it. */
export interface Identity {
  id: number;
  name: string;
  /** 1…6: the class p1…p6 of the style sheet. */
  colour: number;
  school: string;
  side: Side;
}

/** What the page hands to the editor: the JSON of `#plan-data`. */
export interface PlanData {
  id: string;
  title: string;
  /** Path of the socket, for example `/ws/docs/lesson-plan/<uuid>`. */
  socket: string;
  schema: number;
  access: "read" | "comment" | "write";
  canManage: boolean;
  user: Identity;
  facts: { subject: string; book: string; edition: string; unit: string };
  urls: {
    list: string;
    sharing: string;
    versions: string;
    compare: string;
    upload: string;
    nameVersion: string;
    /** Where the text came from; empty where all of it was written here. */
    origins?: string;
    /** The API of the discussion. */
    threads: string;
    /** With the placeholder `{id}`. */
    file: string;
  };
}

/** Why the document cannot be had any more: nothing will be tried again. */
export type Ending = "signed-out" | "no-right" | "missing" | "deleted";

export interface Status {
  /** `blocked`: the browser is on line, but the socket failed again and again (a firewall, perhaps). */
  line: "connecting" | "online" | "offline" | "blocked" | "ended";
  /** Where the content on the page comes from; `none`: show no editor yet. */
  content: "none" | "server" | "local";
  /** The right as last told by the server, before that as told by the page. */
  access: Access;
  /** Why the right is less than "write": "schema" (页面旧了，请刷新), "archived", … */
  reason: string;
  /** Set when `line` is `ended`. */
  ending: Ending | null;
  /** The server refused our changes again and again (close codes 4400, 4413, 4420, 4421, 4422). */
  refused: boolean;
}

/**
 * What the save chip says.
 * `count` is the number of bursts of editing that the server has not confirmed.
 */
export type SaveState =
  | { kind: "opening" }
  /** `time`: when the server last confirmed, in milliseconds. */
  | { kind: "saved"; time: number }
  | { kind: "saving" }
  | { kind: "local"; count: number }
  | { kind: "catching-up"; count: number }
  | { kind: "failed"; reason: "not-on-this-device" | "refused" | "access-lost" }
  | { kind: "read-only"; reason: string };

/** Somebody who has the plan open (one entry for one person, however many pages they have). */
export interface Person extends Identity {
  me: boolean;
  /** Silent for 30 seconds or gone a moment ago: shown dashed. */
  away: boolean;
  /** The key of the section in which their cursor stands, "" when there is none. */
  section: string;
}

export interface SharedPlan {
  doc: Y.Doc;
  awareness: Awareness;
  /** `doc.getXmlFragment("default")`. */
  fragment: Y.XmlFragment;
  status: Store<Status>;
  saveState: Store<SaveState>;
  people: Store<Person[]>;
  /** Resolves when the editor may be shown: content from the server, or the copy on this device. */
  whenReady: Promise<void>;
  /** True if the person may change the text now. */
  writable: Store<boolean>;
  /** Whether there are changes that the server has not confirmed and may never take. */
  hasUnsent(): boolean;
  /** The whole document as plain text, one line for a block. */
  text(): string;
  /** Tries the line at once. */
  reconnect(): void;
  /** Calls `listen` before a change by somebody else is applied; returns the function that stops it. */
  beforeRemote(listen: () => void): () => void;
  /** Remote changes wait while `true` (an input method is composing). */
  hold(waiting: boolean): void;
  destroy(): void;
}
