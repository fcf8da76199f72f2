/** htmx, loaded only by pages that use it; a failed request says so and leaves the page as it was. */
import { csrfToken } from "../shared/csrf";
import { t } from "../shared/i18n";
import { toast } from "../shared/toast";

const USES_HTMX = "[hx-get],[hx-post],[hx-put],[hx-delete],[hx-boost]";

interface RequestEvent extends Event {
  detail: { headers: Record<string, string>; xhr?: XMLHttpRequest };
}

/** The server's own sentence (templates/errors/part.html), else ours. */
function reason(request: XMLHttpRequest | undefined): string {
  const answer = new DOMParser().parseFromString(request?.responseText ?? "", "text/html");
  const said = answer.querySelector("[data-says]")?.textContent.trim();
  if (said) return said;
  if (request?.status === 429) return t("点得太快了，等一分钟再试。");
  return t("服务器没办成这一步，页面上的内容没有丢。过一会儿再试。");
}

export async function startParts(): Promise<void> {
  if (!document.querySelector(USES_HTMX)) return;
  document.addEventListener("htmx:configRequest", (event) => {
    (event as RequestEvent).detail.headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:responseError", (event) => {
    toast(reason((event as RequestEvent).detail.xhr), "pen");
  });
  for (const kind of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(kind, () => {
      toast(t("线断了，这一步没有送到。页面上的内容没有丢，连上后再点一次。"), "pen");
    });
  }
  await import("htmx.org");
}
