import { t } from "../shared/i18n";
import type { Ending, SharedPlan, Status } from "../collaboration";
import { button, element, icon } from "./elements";

/** A computer that others use too: templates/partials/shared_computer.html stands on its pages. */
export function isSharedComputer(): boolean {
  return document.getElementById("shared-computer") !== null;
}

function signedOutWords(unsent: boolean): { title: string; text: string } {
  const kept = unsent ? t("没传的改动还在本机，登录后回到这一页会自动补传。") : "";
  if (isSharedComputer()) return { title: t("登录已结束。"), text: t("这是公用电脑，教案收起来了。") + kept };
  return { title: t("登录已结束，现在只能看。"), text: kept || t("登录后接着写。") };
}

/** Why the plan cannot be had, and what to do. */
export function endingWords(ending: Ending, unsent: boolean): { title: string; text: string } {
  switch (ending) {
    case "signed-out":
      return signedOutWords(unsent);
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
    const { title, text } = status.ending
      ? endingWords(status.ending, this.shared.hasUnsent())
      : lineWords(status);
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
      words.append(signInLink());
    }
    return notice;
  }
}

/** Back to this page by way of signing in. */
export function signInLink(): HTMLElement {
  const link = element("a", "btn btn-s", t("去登录"));
  link.href = `/login/?next=${encodeURIComponent(location.pathname)}`;
  return link;
}
