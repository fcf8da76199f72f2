/**
 * How fast a school's line is: a file of known size, fetched through the platform at a click, and once a day while
 * the page rests. A line that was down is remembered on the device and told when it is back.
 */
import { csrfToken } from "../shared/csrf";
import { t } from "../shared/i18n";

export interface LineData {
  url: string;
  probe: string;
  bytes: number;
  idle: boolean;
  school: number;
}

interface Measured {
  kbit: number;
  latency: number;
}

const PATIENCE = 60_000;
const KEPT_OUTAGES = 10;

function keyOf(data: LineData): string {
  return `line-outages-${data.school}`;
}

function outagesOf(data: LineData): number[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(data)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((moment): moment is number => typeof moment === "number") : [];
  } catch {
    return [];
  }
}

function keep(data: LineData, moments: number[]): void {
  try {
    localStorage.setItem(keyOf(data), JSON.stringify(moments.slice(-KEPT_OUTAGES)));
  } catch {
    // a device that keeps nothing has no history to tell
  }
}

export function rememberOutage(data: LineData, now = Date.now()): void {
  keep(data, [...outagesOf(data), now]);
}

async function fetchProbe(data: LineData, method: "GET" | "HEAD"): Promise<{ bytes: number; ms: number }> {
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
  }, PATIENCE);
  const start = performance.now();
  try {
    const answer = await fetch(`${data.probe}?${start}`, { method, cache: "no-store", signal: stop.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const body = await answer.arrayBuffer();
    return { bytes: body.byteLength, ms: performance.now() - start };
  } finally {
    clearTimeout(timer);
  }
}

/** The first request may still have to connect: the second one is the delay. */
export async function measure(data: LineData): Promise<Measured> {
  await fetchProbe(data, "HEAD");
  const head = await fetchProbe(data, "HEAD");
  const whole = await fetchProbe(data, "GET");
  if (whole.bytes !== data.bytes) throw new Error("not the whole file");
  const ms = Math.max(whole.ms - head.ms, 1);
  return { kbit: Math.max(Math.round((8 * whole.bytes) / ms), 1), latency: Math.round(head.ms) };
}

async function tell(data: LineData, values: Record<string, string | number>): Promise<Response> {
  const body = new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)]));
  return fetch(data.url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() } });
}

async function tellOutages(data: LineData): Promise<void> {
  for (const moment of outagesOf(data)) {
    const answer = await tell(data, { kind: "outage", at: moment });
    if (answer.status >= 500) return; // it stays for the next time
    keep(data, outagesOf(data).filter((other) => other !== moment));
  }
}

export interface Outcome {
  says: string;
  state: string;
}

/** Measure and tell. Throws when the line is down; the server's refusal comes back as its sentence. */
export async function measureAndTell(data: LineData, kind: "click" | "idle"): Promise<Outcome> {
  let found: Measured;
  try {
    found = await measure(data);
  } catch (error) {
    rememberOutage(data);
    throw error;
  }
  await tellOutages(data);
  const answer = await tell(data, { kind, down_kbit: found.kbit, latency_ms: found.latency });
  const said = (await answer.json()) as { says?: string; state?: string; detail?: string };
  return { says: said.says ?? said.detail ?? "", state: said.state ?? "" };
}

function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in window) window.requestIdleCallback(act, { timeout: 30_000 });
  else setTimeout(act, 5_000); // Safari
}

export function startLine(data: LineData): void {
  const button = document.querySelector<HTMLButtonElement>("[data-line-measure]");
  const says = document.querySelector<HTMLElement>("[data-line-says]");
  window.addEventListener("offline", () => {
    rememberOutage(data);
  });
  if (data.idle) whenIdle(() => void measureAndTell(data, "idle").catch(() => undefined));
  button?.addEventListener("click", () => {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    void measureAndTell(data, "click")
      .then((outcome) => outcome.says)
      .catch(() => t("线断了，没测成。断线记在这台电脑上，连上以后补报。"))
      .then((text) => {
        if (says) says.textContent = text;
        button.removeAttribute("aria-busy");
      });
  });
}
