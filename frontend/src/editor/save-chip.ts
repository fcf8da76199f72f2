import { t } from "../shared/i18n";
import type { Store } from "../shared/store";
import type { SaveState } from "../collaboration";
import { icon } from "./elements";

interface Chip {
  text: string
  icon: string
  look: "ok" | "go" | "local" | "bad"
  /** A longer word of what this means and what to do. */
  meaning: string
}

function clock(at: number): string {
  const time = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getHours()}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function whyReadOnly(reason: string): string {
  if (reason === "schema") return t("这个页面旧了，刷新以后才能改");
  if (reason === "archived") return t("这份教案已归档，只能看");
  if (reason === "deleted") return t("这份教案已删除，只能看");
  if (reason === "comment") return t("你可以看、可以批注，不能改正文。要改，请主备人在“分享”里加上你");
  return t("你可以看，不能改。要改，请主备人在“分享”里加上你");
}

function whyFailed(reason: string): string {
  if (reason === "not-on-this-device") return t("本机存不进（没空间，或无痕窗口），线也断着。先别关页面，点这里另存一份");
  if (reason === "access-lost") return t("你已不能改这份教案，最后几处改动没传上去。点这里另存一份");
  return t("服务器没收下最后几处改动。点这里另存一份，再刷新页面");
}

/** What the chip says; 已保存 stands only for what the server has confirmed as stored. */
export function chipFor(state: SaveState): Chip {
  switch (state.kind) {
    case "opening":
      return { text: t("正在打开…"), icon: "clock", look: "go", meaning: t("正在取教案") };
    case "saved":
      return {
        text: t("已保存 {time}", { time: clock(state.time) }),
        icon: "saved",
        look: "ok",
        meaning: t("服务器已确认存好"),
      };
    case "saving":
      return { text: t("正在保存…"), icon: "upload", look: "go", meaning: t("发出去了，还没确认。接着写") };
    case "local":
      return {
        text: t("存在本机，{count} 处没传", { count: state.count }),
        icon: "device",
        look: "local",
        meaning: t("线断了。改动在本机，连上自动补传。接着写，可以关页面"),
      };
    case "catching-up":
      return {
        text: t("连上了，正在补传 {count} 处", { count: state.count }),
        icon: "signal",
        look: "local",
        meaning: t("重新连上，还没全部确认。先别关机"),
      };
    case "failed":
      return { text: t("没存住，请点这里"), icon: "warn", look: "bad", meaning: whyFailed(state.reason) };
    case "read-only":
      return {
        text: state.reason === "comment" ? t("能看、能批注") : t("只能看"),
        icon: state.reason === "comment" ? "note" : "lock",
        look: "go",
        meaning: whyReadOnly(state.reason),
      };
  }
}

/** The chip in the bar: always the truth about what is stored. */
export class SaveChip {
  constructor(
    private readonly chip: HTMLElement,
    private readonly state: Store<SaveState>,
    onPress: (state: SaveState, meaning: string) => void,
  ) {
    state.subscribe(() => {
      this.show();
    });
    chip.addEventListener("click", () => {
      onPress(state.get(), this.meaning);
    });
    this.show();
  }

  /** What Ctrl+S answers. */
  get meaning(): string {
    const { text, meaning } = chipFor(this.state.get());
    return t("{text}：{meaning}", { text, meaning });
  }

  private show(): void {
    const { text, icon: name, look, meaning } = chipFor(this.state.get());
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.textContent = text;
    this.chip.className = `save save-${look}`;
    this.chip.title = meaning;
    const old = this.chip.querySelector("[role=status]");
    if (old) {
      // the same live region, so that a screen reader hears the change
      if (old.textContent !== text) old.textContent = text;
      this.chip.querySelector("svg")?.replaceWith(icon(name));
    } else this.chip.replaceChildren(icon(name), said);
  }
}
