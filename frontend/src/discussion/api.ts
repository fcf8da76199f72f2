import { csrfToken } from "../shared/csrf";
import { t } from "../shared/i18n";

/** What went wrong, in words for the person. */
export class Refused extends Error {
  constructor(
    words: string,
    /** 0 when there was no answer at all. */
    readonly status: number,
  ) {
    super(words);
  }
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

export async function ask<T>(url: string, method: Method = "GET", body?: unknown): Promise<T> {
  const answer = await send(url, method, body);
  if (answer.ok) return (await answer.json()) as T;
  throw new Refused(await reason(answer), answer.status);
}

async function send(url: string, method: Method, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(url, {
      method,
      credentials: "same-origin",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(t("线断了，没发出去。你写的还在，连上再发"), 0);
  }
}

async function reason(answer: Response): Promise<string> {
  try {
    const { detail } = (await answer.json()) as { detail?: string };
    if (detail) return detail;
  } catch {
    // no problem document
  }
  if (answer.status === 401) return t("登录已结束。在新窗口登录，再回来发");
  if (answer.status === 404) return t("这条讨论或这份教案现在看不到了");
  return t("没成（{status}）。你写的还在，过一会儿再试", { status: answer.status });
}
