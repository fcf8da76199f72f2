/** What the API says of a discussion (lessons/discussion/api.py). */

export interface Line {
  id: string;
  /** Its number in the plan: 第 3 条. */
  number: number;
  kind: "comment" | "question";
  state: "open" | "resolved";
  place: "text" | "block" | "plan";
  /** The id of the block it is about, "" if it is about none. */
  block: string;
  /** Begun by me, or I have spoken in it. */
  mine: boolean;
  names_me: boolean;
}

export interface Lines {
  topic: string;
  cursor: number;
  may_comment: boolean;
  threads: Line[];
}

export interface PersonCard {
  id: number;
  name: string;
  initial: string;
  colour: number;
  unit_name: string;
  side: "town" | "village" | "";
}

export interface Said {
  id: number;
  author: PersonCard;
  text: string;
  kind: "plain" | "viewpoint" | "consensus";
  names: string[];
  when: string;
  edited: boolean;
  deleted: boolean;
  may_change: boolean;
}

export interface Thread extends Line {
  section: string;
  quote: string;
  when: string;
  resolved_by: PersonCard | null;
  comments: Said[];
  left_out: number;
  may_reply: boolean;
  may_change_state: boolean;
  may_conclude: boolean;
}

/** A character, by the id that Yjs gave it. */
export type Position = [client: number, clock: number];
export type Span = [first: Position, last: Position];

export interface PersonInPlan {
  person: PersonCard;
  said: { thread_id: string; number: number; kind: Said["kind"]; state: Line["state"]; text: string; when: string }[];
  next: string | null;
  clients: number[];
  worked: { label: string; when: string; path: string }[];
}
