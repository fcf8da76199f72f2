import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RunningPage } from "../../src/site/running";

const now = (state: string): string =>
  `<h2 data-running-state>${state}</h2><div class="table-scroll" id="processes" tabindex="0">${state}</div>`;

let page: RunningPage;

beforeEach(() => {
  document.body.innerHTML = `<p data-running-said role="status"></p><p data-running-stale hidden><span></span></p>
    <div data-running="/running/">${now("一切正常")}</div><a id="outside" href="#">外</a>`;
  page = new RunningPage(document);
});

afterEach(() => {
  page.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const find = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector)!;

function answers(...given: (Response | Error)[]): ReturnType<typeof vi.fn> {
  const asked = vi.fn(() => {
    const next = given.length > 1 ? given.shift()! : given[0]!;
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next.clone());
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

test("every fifteen seconds the figures are new, asked for as a part", async () => {
  vi.useFakeTimers();
  const asked = answers(new Response(now("需要留意")));
  page.start();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(find("[data-running-state]").textContent).toBe("需要留意");
  expect(asked.mock.calls).toEqual([
    ["/running/", expect.objectContaining({ headers: { "HX-Request": "true" } }) as unknown],
  ]);
});

test("whoever stands in the table with the keyboard stays there, scrolled as before", async () => {
  answers(new Response(now("一切正常")));
  const before = find("#processes");
  before.focus();
  before.scrollLeft = 40;
  await page.refresh();
  expect(find("#processes")).not.toBe(before);
  expect(document.activeElement).toBe(find("#processes"));
  expect(find("#processes").scrollLeft).toBe(40);
});

test("whoever is elsewhere stays elsewhere", async () => {
  answers(new Response(now("一切正常")));
  find("#outside").focus();
  await page.refresh();
  expect(document.activeElement).toBe(find("#outside"));
});

test("only another state is said aloud", async () => {
  answers(new Response(now("一切正常")), new Response(now("有故障")));
  await page.refresh();
  expect(find("[data-running-said]").textContent).toBe("");
  await page.refresh();
  expect(find("[data-running-said]").textContent).toBe("有故障");
});

test.each([
  [new TypeError("no line"), "连不上服务器"],
  [new Response("", { status: 500 }), "服务器没有答上来（500）"],
  [new Response("", { status: 403 }), "不再有这一页的权限"],
])("when it cannot, the old figures stay and it says so, until it can again", async (given, said) => {
  answers(given, new Response(now("需要留意")));
  await page.refresh();
  expect(find("[data-running-stale]").hidden).toBe(false);
  expect(find("[data-running-stale] span").textContent).toContain(said);
  expect(find("[data-running-state]").textContent).toBe("一切正常");
  await page.refresh();
  expect(find("[data-running-stale]").hidden).toBe(true);
  expect(find("[data-running-state]").textContent).toBe("需要留意");
});

test("a page that nobody looks at asks nothing", async () => {
  const asked = answers(new Response(now("需要留意")));
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  await page.refresh();
  expect(asked).not.toHaveBeenCalled();
});
