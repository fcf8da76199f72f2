import type { Awareness } from "y-protocols/awareness";

import { createStore, type Store } from "../shared/store";
import type { Identity, Person } from "./types";

/** Someone whose line is cut stays visible, dashed, for this long. */
const AWAY_FOR = 30_000;
/** No word for this long: away. */
const SILENT_AFTER = 30_000;

/** What we tell the others about ourselves; the server puts `user` in. */
export interface PresenceState {
  user?: Identity;
  cursor?: { anchor: unknown; head: unknown } | null;
  section?: string;
  /** May change the text: takes part in electing who repairs tables. */
  writes?: boolean;
}

export interface Presence {
  people: Store<Person[]>;
  destroy(): void;
}

interface Seen {
  identity: Identity;
  section: string;
  goneSince: number | null;
}

/** Who is here: one entry for one person, we ourselves first, the others in the order of their coming. */
export function watchPresence(awareness: Awareness, me: Identity): Presence {
  const seen = new Map<number, Seen>();
  const people = createStore<Person[]>([person(me, true, false, "")], equal);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function refresh(): void {
    const now = Date.now();
    const present = statesByUser(awareness, now);
    for (const [id, entry] of present) seen.set(id, entry);
    for (const [id, entry] of seen) {
      if (present.has(id)) continue;
      entry.goneSince ??= now;
      if (now - entry.goneSince >= AWAY_FOR) seen.delete(id);
    }
    const mine = (awareness.getLocalState() as PresenceState | null)?.section ?? "";
    const others = [...seen.values()].filter(({ identity }) => identity.id !== me.id);
    people.set([
      person(me, true, false, mine),
      ...others.map(({ identity, section, goneSince }) => person(identity, false, goneSince !== null, section)),
    ]);
    clearTimeout(timer);
    if (others.some(({ goneSince }) => goneSince !== null)) timer = setTimeout(refresh, AWAY_FOR / 6);
  }

  awareness.on("change", refresh);
  refresh();
  return {
    people,
    destroy() {
      clearTimeout(timer);
      awareness.off("change", refresh);
    },
  };
}

function statesByUser(awareness: Awareness, now: number): Map<number, Seen> {
  const present = new Map<number, Seen>();
  for (const [client, value] of awareness.getStates()) {
    const { user, section } = value as PresenceState;
    if (client === awareness.clientID || !user) continue;
    const silentFor = now - (awareness.meta.get(client)?.lastUpdated ?? now);
    if (silentFor >= SILENT_AFTER) continue;
    present.set(user.id, { identity: user, section: section ?? "", goneSince: null });
  }
  return present;
}

function person({ id, name, colour, school, side }: Identity, me: boolean, away: boolean, section: string): Person {
  return { id, name, colour, school, side, me, away, section };
}

function equal(a: Person[], b: Person[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
