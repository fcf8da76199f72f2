/** Which ways of a lesson somebody wants to see: of both sides, or of one. Their own view, on this device. */

export const WAYS = ["all", "town", "village"] as const;
export type Ways = (typeof WAYS)[number];

/** Who looks: the number of the account, and the side of their own school. */
export interface Reader {
  id: number;
  side: string;
}

const keyOf = (reader: Reader): string => `shown-ways:${reader.id}`;

function known(value: string | null): Ways | null {
  return WAYS.find((ways) => ways === value) ?? null;
}

/** What was chosen last, at first the side of the person's own school. */
export function rememberedWays(reader: Reader): Ways {
  try {
    return known(localStorage.getItem(keyOf(reader))) ?? known(reader.side) ?? "all";
  } catch {
    return known(reader.side) ?? "all"; // a browser that keeps nothing
  }
}

export function rememberWays(reader: Reader, ways: Ways): void {
  try {
    localStorage.setItem(keyOf(reader), ways);
  } catch {
    // chosen for this page then
  }
}

/** The buttons 全部, 城镇班 and 乡村班, wherever they stand in the page. */
export class WaysSwitch {
  private readonly buttons = [...document.querySelectorAll<HTMLElement>("button[data-ways]")];
  private readonly groups = [...document.querySelectorAll<HTMLElement>("[data-ways-switch]")];

  constructor(choose: (ways: Ways) => void) {
    for (const button of this.buttons) {
      // the caret stays in the text
      button.addEventListener("mousedown", (event) => {
        event.preventDefault();
      });
      button.addEventListener("click", () => {
        choose(known(button.dataset.ways ?? "") ?? "all");
      });
    }
  }

  show(ways: Ways, useful: boolean): void {
    for (const group of this.groups) group.hidden = !useful;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.ways === ways));
  }
}
