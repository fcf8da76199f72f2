import { t } from "../shared/i18n";
import type { Ending, SharedPlan, Status } from "../collaboration";
import { button, element, icon } from "./elements";

/** Why the plan cannot be had, and what to do. */
export function endingWords(ending: Ending): { title: string; text: string } {
  switch (ending) {
    case "signed-out":
      return { title: t("登录过期了。"), text: t("没传的改动还在本机。登录后回到这一页，会自动补传") };
    case "no-right":
      return { title: t("你现在不能看这份教案。"), text: t("权限刚刚变了。要看，请主备人再分享给你") };
    case "missing":
      return { title: t("没有这份教案。"), text: t("地址可能不全，或它已被删除") };
    case "deleted":
      return { title: t("这份教案已删除。"), text: t("要找回来，请问删除它的人") };
  }
}

function lineWords(status: Status): { title: string; text: string } {
  if (status.line === "blocked") {
    return { title: t("教案没打开。"), text: t("网通着，可是连不上教案的线路，也许学校的防火墙拦住了。内容没有丢") };
  }
  return { title: t("教案没打开。"), text: t("线断了，不是内容丢了。本机还没有这份教案的副本") };
}

/** What stands in the place of the text until there is text: never an empty editor. */
export class Opening {
  private readonly unsubscribe: () => void;

  constructor(
    private readonly place: HTMLElement,
    private readonly shared: SharedPlan,
  ) {
    this.unsubscribe = shared.status.subscribe(() => {
      this.show();
    });
    this.show();
  }

  done(): void {
    this.unsubscribe();
    this.place.remove();
  }

  private show(): void {
    const status = this.shared.status.get();
    const failed = status.line === "ended" || status.line === "offline" || status.line === "blocked";
    this.place.replaceChildren(failed ? this.failure(status) : this.waiting());
  }

  private waiting(): HTMLElement {
    const words = element("p", "opening", t("正在取教案…"));
    words.setAttribute("role", "status");
    return words;
  }

  private failure(status: Status): HTMLElement {
    const { title, text } = status.ending ? endingWords(status.ending) : lineWords(status);
    const words = element("p", "", element("b", "", title), text, " ");
    const notice = element("div", "notice notice-pen", icon("offline"), words);
    notice.setAttribute("role", "alert");
    if (status.ending === null) {
      const again = button({ label: t("再试"), className: "btn btn-s" });
      again.addEventListener("click", () => {
        this.shared.reconnect();
      });
      words.append(again);
    } else if (status.ending === "signed-out") {
      const link = element("a", "", t("去登录"));
      link.href = `/login/?next=${encodeURIComponent(location.pathname)}`;
      words.append(link);
    }
    return notice;
  }
}
