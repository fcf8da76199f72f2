import { expect, test, vi } from "vitest";
import { Saving } from "../../src/timetable/saving";

const lesson = { subject: "语文", classLabel: "三1班", weeks: "every" as const };

test("one lesson is told in the words for one, two in the words for several", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response("{}"))));
  const total = document.createElement("span");
  Object.assign(total.dataset, { one: "1 lesson a week", many: "2 lessons a week" });
  const data = { url: "/x", term: "2026-1", since: "2026-11-23", cells: [] };
  const saving = new Saving(data as never, document.createElement("span"), total, () => undefined);
  const said: string[] = [];
  for (const period of [1, 2]) {
    saving.note({ weekday: 1, period, contents: [lesson] });
    await vi.runAllTimersAsync();
    said.push(total.textContent);
  }
  expect(said).toEqual(["1 lesson a week", "2 lessons a week"]);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
