import * as decoding from "lib0/decoding";
import type { Character } from "./model";

/** A person as the page tells it. */
export interface PersonCard {
  id: number;
  name: string;
  initial: string;
  colour: number;
  unit_name: string;
  side: string;
}

export interface AuthorData {
  owners: Readonly<Record<string, number>>;
  people: Readonly<Record<string, PersonCard>>;
  deletions: readonly { user: number; deleteSet: string }[];
}

interface Range {
  client: number;
  from: number;
  to: number;
  user: number;
}

/** The delete set of Yjs (v1): for each client, runs of clocks. */
export function readDeleteSet(bytes: Uint8Array): Omit<Range, "user">[] {
  const decoder = decoding.createDecoder(bytes);
  const ranges: Omit<Range, "user">[] = [];
  for (let clients = decoding.readVarUint(decoder); clients > 0; clients -= 1) {
    const client = decoding.readVarUint(decoder);
    for (let runs = decoding.readVarUint(decoder); runs > 0; runs -= 1) {
      const from = decoding.readVarUint(decoder);
      ranges.push({ client, from, to: from + decoding.readVarUint(decoder) });
    }
  }
  return ranges;
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Who wrote and who deleted a character, by the item that holds it. */
export class Authors {
  private readonly deleted = new Map<number, Range[]>();

  constructor(private readonly data: AuthorData) {
    for (const { user, deleteSet } of data.deletions) {
      for (const range of readDeleteSet(fromBase64(deleteSet))) {
        const ranges = this.deleted.get(range.client) ?? [];
        ranges.push({ ...range, user });
        this.deleted.set(range.client, ranges);
      }
    }
  }

  writer(character: Character): PersonCard | null {
    return this.person(this.data.owners[String(character.client)]);
  }

  deleter(character: Character): PersonCard | null {
    const ranges = this.deleted.get(character.client) ?? [];
    const range = ranges.find(({ from, to }) => character.clock >= from && character.clock < to);
    return this.person(range?.user);
  }

  private person(id: number | undefined): PersonCard | null {
    return id === undefined ? null : (this.data.people[String(id)] ?? null);
  }
}
