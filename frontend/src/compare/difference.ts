/** The shortest way from one list to another (Myers 1986). */

export interface Step {
  kind: "same" | "old" | "new";
  /** Where it starts and ends in the old and in the new list. */
  oldFrom: number;
  oldTo: number;
  newFrom: number;
  newTo: number;
}

/** More changes than this in one line: it was written anew. */
const MOST_CHANGES = 1500;

type Same = (oldIndex: number, newIndex: number) => boolean;

/** For each number of changes, how far each diagonal came; null when there are too many changes. */
function search(oldLength: number, newLength: number, same: Same): Map<number, number>[] | null {
  const traces: Map<number, number>[] = [];
  let reached = new Map<number, number>([[1, 0]]);
  for (let changes = 0; changes <= Math.min(oldLength + newLength, MOST_CHANGES); changes += 1) {
    traces.push(new Map(reached));
    const next = new Map(reached);
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      const down = diagonal === -changes || (diagonal !== changes && get(reached, diagonal - 1) < get(reached, diagonal + 1));
      let x = down ? get(reached, diagonal + 1) : get(reached, diagonal - 1) + 1;
      while (x < oldLength && x - diagonal < newLength && same(x, x - diagonal)) x += 1;
      next.set(diagonal, x);
      if (x >= oldLength && x - diagonal >= newLength) return traces;
    }
    reached = next;
  }
  return null;
}

function get(reached: Map<number, number>, diagonal: number): number {
  return reached.get(diagonal) ?? -1;
}

/** The pairs that stay, found by walking the traces back. */
function matches(oldLength: number, newLength: number, same: Same): [number, number][] {
  const traces = search(oldLength, newLength, same);
  if (!traces) return [];
  const pairs: [number, number][] = [];
  let x = oldLength;
  let y = newLength;
  for (let changes = traces.length - 1; changes >= 0; changes -= 1) {
    const reached = traces[changes]!;
    const diagonal = x - y;
    const down = diagonal === -changes || (diagonal !== changes && get(reached, diagonal - 1) < get(reached, diagonal + 1));
    const before = down ? diagonal + 1 : diagonal - 1;
    const beforeX = changes === 0 ? 0 : get(reached, before);
    const beforeY = changes === 0 ? 0 : beforeX - before;
    while (x > beforeX && y > beforeY) {
      x -= 1;
      y -= 1;
      pairs.push([x, y]);
    }
    x = beforeX;
    y = beforeY;
  }
  return pairs.reverse();
}

/** Steps from the old list to the new one; runs of one kind are one step, what is old comes before what is new. */
export function difference(oldLength: number, newLength: number, same: Same): Step[] {
  const steps: Step[] = [];
  let x = 0;
  let y = 0;
  const upTo = (oldTo: number, newTo: number) => {
    if (x < oldTo) steps.push({ kind: "old", oldFrom: x, oldTo, newFrom: y, newTo: y });
    if (y < newTo) steps.push({ kind: "new", oldFrom: oldTo, oldTo, newFrom: y, newTo });
    x = oldTo;
    y = newTo;
  };
  for (const [oldIndex, newIndex] of matches(oldLength, newLength, same)) {
    upTo(oldIndex, newIndex);
    const last = steps[steps.length - 1];
    if (last?.kind === "same") {
      last.oldTo += 1;
      last.newTo += 1;
    } else steps.push({ kind: "same", oldFrom: x, oldTo: x + 1, newFrom: y, newTo: y + 1 });
    x += 1;
    y += 1;
  }
  upTo(oldLength, newLength);
  return steps;
}

/**
 * A single character that happens to be the same between two longer changes makes a comparison hard to read:
 * it counts as changed.
 */
export function readable(steps: readonly Step[]): Step[] {
  const size = (step: Step | undefined) =>
    step && step.kind !== "same" ? step.oldTo - step.oldFrom + (step.newTo - step.newFrom) : 0;
  const isChance = (step: Step, index: number) =>
    step.kind === "same" &&
    step.oldTo - step.oldFrom === 1 &&
    size(steps[index - 1]) >= 2 &&
    size(steps[index + 1]) >= 2;
  const out: Step[] = [];
  for (const [index, step] of steps.entries()) {
    const parts = isChance(step, index)
      ? [
          { ...step, kind: "old" as const, newTo: step.newFrom },
          { ...step, kind: "new" as const, oldFrom: step.oldTo },
        ]
      : [step];
    out.push(...parts);
  }
  return join(out);
}

interface Item {
  text: string;
  client: number;
  clock: number;
}

/** How far a run may move so that it holds as few items as possible that stand on the other side too. */
function bestShift(list: readonly Item[], from: number, to: number, left: number, right: number, other: Set<string>): number {
  const stayers = (shift: number) => list.slice(from + shift, to + shift).filter((item) => other.has(itemKey(item))).length;
  const text = (index: number) => list[index]?.text;
  let best = 0;
  for (let shift = -1; shift >= -left && text(from + shift) === text(to + shift); shift -= 1) {
    if (stayers(shift) < stayers(best)) best = shift;
  }
  for (let shift = 1; shift <= right && text(from + shift - 1) === text(to + shift - 1); shift += 1) {
    if (stayers(shift) < stayers(best)) best = shift;
  }
  return best;
}

function itemKey({ client, clock }: Item): string {
  return `${client}:${clock}`;
}

/** 讲 became 讲讲: the text alone does not say which of the two is new, the items do. */
export function settled(steps: readonly Step[], before: readonly Item[], after: readonly Item[]): Step[] {
  const out = steps.map((step) => ({ ...step }));
  const was = new Set(before.map(itemKey));
  const is = new Set(after.map(itemKey));
  for (const [index, step] of out.entries()) {
    const previous = out[index - 1];
    const next = out[index + 1];
    if (step.kind === "same" || previous?.kind !== "same" || next?.kind !== "same") continue;
    const left = previous.oldTo - previous.oldFrom;
    const right = next.oldTo - next.oldFrom;
    const shift =
      step.kind === "new"
        ? bestShift(after, step.newFrom, step.newTo, left, right, was)
        : bestShift(before, step.oldFrom, step.oldTo, left, right, is);
    previous.oldTo += shift;
    previous.newTo += shift;
    step.oldFrom += shift;
    step.oldTo += shift;
    step.newFrom += shift;
    step.newTo += shift;
    next.oldFrom += shift;
    next.newFrom += shift;
  }
  return join(out.filter((step) => step.kind !== "same" || step.oldFrom < step.oldTo));
}

/** Puts neighbouring changes together: first all that is old, then all that is new. */
function join(steps: readonly Step[]): Step[] {
  const out: Step[] = [];
  let at = 0;
  while (at < steps.length) {
    const first = steps[at]!;
    if (first.kind === "same") {
      out.push(first);
      at += 1;
      continue;
    }
    let last = first;
    while (steps[at + 1] && steps[at + 1]!.kind !== "same") {
      at += 1;
      last = steps[at]!;
    }
    const { oldFrom, newFrom } = first;
    const { oldTo, newTo } = last;
    if (oldFrom < oldTo) out.push({ kind: "old", oldFrom, oldTo, newFrom, newTo: newFrom });
    if (newFrom < newTo) out.push({ kind: "new", oldFrom: oldTo, oldTo, newFrom, newTo });
    at += 1;
  }
  return out;
}
