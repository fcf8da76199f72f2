import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { measure, measureAndTell, rememberOutage, type LineData } from "../../src/site/line";

const DATA: LineData = { url: "/schools/1/line/measure/", probe: "/static/probe.bin", bytes: 1000, idle: false, school: 1 };
let clock = 0;
let down = false;
let size = 1000;
const told: string[] = [];

/** Every request for the file takes 100 ms, its content 400 ms more. */
function network(_url: string, options: RequestInit = {}): Promise<Response> {
  if (down) return Promise.reject(new TypeError("Failed to fetch"));
  if (options.method === "POST") {
    told.push(String(options.body));
    return Promise.resolve(new Response(JSON.stringify({ says: "20 kbit/s，慢", state: "slow" }), { status: 201 }));
  }
  clock += 100;
  if (options.method === "HEAD") return Promise.resolve(new Response(null));
  clock += 400;
  return Promise.resolve(new Response(new Uint8Array(size)));
}

beforeEach(() => {
  clock = 0;
  down = false;
  size = 1000;
  told.length = 0;
  localStorage.clear();
  vi.stubGlobal("fetch", vi.fn(network));
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => vi.unstubAllGlobals());

test("the delay is taken off the time of the file", async () => {
  expect(await measure(DATA)).toEqual({ kbit: 20, latency: 100 });
});

test("half a file is no measurement", async () => {
  size = 500;
  await expect(measure(DATA)).rejects.toThrow();
});

test("what was measured is told, and what the server says is shown", async () => {
  expect(await measureAndTell(DATA, "click")).toEqual({ says: "20 kbit/s，慢", state: "slow" });
  expect(told).toEqual(["kind=click&down_kbit=20&latency_ms=100"]);
});

test("a line that was down is told once it is back, and only once", async () => {
  down = true;
  await expect(measureAndTell(DATA, "click")).rejects.toThrow();
  expect(told).toEqual([]);
  down = false;
  await measureAndTell(DATA, "click");
  await measureAndTell(DATA, "click");
  expect(told.filter((body) => body.startsWith("kind=outage&at="))).toHaveLength(1);
});

test("a device keeps ten outages at most", async () => {
  for (let moment = 1; moment <= 30; moment += 1) rememberOutage(DATA, moment);
  await measureAndTell(DATA, "idle");
  expect(told.filter((body) => body.startsWith("kind=outage"))).toHaveLength(10);
  expect(told[0]).toBe("kind=outage&at=21");
});
