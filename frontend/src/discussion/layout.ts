const GAP = 8;

export interface Box {
  /** Where the card would stand: beside its text. */
  wanted: number;
  height: number;
}

/**
 * Where cards stand so that none covers another: the chosen one beside its text, the others as near to theirs as it
 * leaves them. Boxes come in the order of the text.
 */
export function stack(boxes: readonly Box[], chosen: number, top = 0): number[] {
  const places = boxes.map(({ wanted }) => Math.max(top, wanted));
  const start = Math.max(0, chosen);
  for (let at = start + 1; at < boxes.length; at += 1) {
    places[at] = Math.max(places[at]!, places[at - 1]! + boxes[at - 1]!.height + GAP);
  }
  for (let at = start - 1; at >= 0; at -= 1) {
    places[at] = Math.min(places[at]!, places[at + 1]! - boxes[at]!.height - GAP);
  }
  const above = top - (places[0] ?? top);
  return above > 0 ? settle(boxes, places, top) : places;
}

/** Pushed over the upper edge: then all go down, the chosen one too. */
function settle(boxes: readonly Box[], places: readonly number[], top: number): number[] {
  let free = top;
  return places.map((place, at) => {
    const found = Math.max(place, free);
    free = found + boxes[at]!.height + GAP;
    return found;
  });
}
