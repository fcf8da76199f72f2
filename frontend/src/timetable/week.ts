/** The week of a teacher as it stands on the page, and what a stroke of the brush does to a cell. Pure. */

export type Weeks = "every" | "odd" | "even";

export interface Lesson {
  subject: string;
  classLabel: string;
  weeks: Weeks;
}

export interface Cell {
  weekday: number;
  period: number;
  contents: Lesson[];
}

export interface TimetableData {
  cells: Cell[];
  brushes: { subject: string; classLabel: string }[];
  url: string;
  term: string;
  since: string;
}

export function same(one: readonly Lesson[], other: readonly Lesson[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What the cell holds after the brush: a lesson of every other week leaves what is taught in the other weeks. */
export function painted(contents: readonly Lesson[], brush: Lesson): Lesson[] {
  if (brush.weeks === "every") return [brush];
  const other: Weeks = brush.weeks === "odd" ? "even" : "odd";
  const left = contents.find(({ weeks }) => weeks === other || weeks === "every");
  const both = left && !(left.weeks === "every" && isSame(left, brush)) ? [{ ...left, weeks: other }, brush] : [brush];
  return both.sort((one, two) => Number(one.weeks === "even") - Number(two.weeks === "even"));
}

function isSame(one: Lesson, other: Lesson): boolean {
  return one.subject === other.subject && one.classLabel === other.classLabel;
}

/** A second stroke with the same brush takes the lesson away again. */
export function holds(contents: readonly Lesson[], brush: Lesson): boolean {
  return contents.some((each) => isSame(each, brush) && each.weeks === brush.weeks);
}

export function without(contents: readonly Lesson[], brush: Lesson): Lesson[] {
  return contents.filter((each) => !(isSame(each, brush) && each.weeks === brush.weeks));
}

export class Week {
  private readonly cells = new Map<string, Lesson[]>();

  constructor(cells: readonly Cell[]) {
    for (const { weekday, period, contents } of cells) this.cells.set(key(weekday, period), contents);
  }

  cell(weekday: number, period: number): Lesson[] {
    return this.cells.get(key(weekday, period)) ?? [];
  }

  /** Whether that changed anything. */
  put(weekday: number, period: number, contents: Lesson[]): boolean {
    if (same(this.cell(weekday, period), contents)) return false;
    this.cells.set(key(weekday, period), contents);
    return true;
  }
}

export function key(weekday: number, period: number): string {
  return `${String(weekday)}-${String(period)}`;
}
