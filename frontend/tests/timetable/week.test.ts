import { describe, expect, it } from "vitest";
import { type Lesson, Week, holds, painted, without } from "../../src/timetable/week";

const lesson = (subject: string, weeks: Lesson["weeks"] = "every"): Lesson => ({ subject, classLabel: "三1班", weeks });

describe("a stroke of the brush", () => {
  it("fills an empty cell and replaces what is taught every week", () => {
    expect(painted([], lesson("语文"))).toEqual([lesson("语文")]);
    expect(painted([lesson("数学")], lesson("语文"))).toEqual([lesson("语文")]);
  });

  it("of every other week leaves the other weeks", () => {
    expect(painted([lesson("数学")], lesson("科学", "odd"))).toEqual([lesson("科学", "odd"), lesson("数学", "even")]);
    expect(painted([lesson("科学", "odd")], lesson("劳动", "even"))).toEqual([
      lesson("科学", "odd"),
      lesson("劳动", "even"),
    ]);
    expect(painted([lesson("科学", "odd"), lesson("劳动", "even")], lesson("书法", "odd"))).toEqual([
      lesson("书法", "odd"),
      lesson("劳动", "even"),
    ]);
  });

  it("of every other week over the same lesson leaves it in these weeks alone", () => {
    expect(painted([lesson("科学")], lesson("科学", "odd"))).toEqual([lesson("科学", "odd")]);
  });

  it("a second time takes that lesson away and no other", () => {
    const both = [lesson("科学", "odd"), lesson("劳动", "even")];
    expect(holds(both, lesson("科学", "odd"))).toBe(true);
    expect(holds(both, lesson("科学"))).toBe(false);
    expect(without(both, lesson("科学", "odd"))).toEqual([lesson("劳动", "even")]);
  });
});

describe("the week", () => {
  it("says whether something changed", () => {
    const week = new Week([{ weekday: 1, period: 1, contents: [lesson("语文")] }]);
    expect(week.put(1, 1, [lesson("语文")])).toBe(false);
    expect(week.put(1, 1, [])).toBe(true);
    expect(week.cell(1, 1)).toEqual([]);
    expect(week.cell(5, 5)).toEqual([]);
  });
});
