import { element, icon, required } from "../editor/elements";
import { t } from "../shared/i18n";
import { rememberedWays, type Reader, rememberWays, type Ways, WaysSwitch } from "../shared/ways";
import { type AuthorData, Authors } from "./authors";
import { allLines, Comparer, type Share, shares } from "./compare";
import { Jumps } from "./jumps";
import type { Plan } from "./model";
import { openState, readPlan } from "./read";
import { drawReading } from "./reading";
import { drawComparison } from "./side-by-side";

interface SideData {
  id: number | "now" | "first";
  label: string;
  at: string;
  /** Address of the Yjs state. */
  state: string;
}

export interface CompareData extends AuthorData {
  from: SideData | null;
  to: SideData;
  /** Who reads one version: they may see the ways of one side alone. */
  reader?: Reader;
}

async function fetchPlan(side: SideData) {
  const answer = await fetch(side.state, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${side.state}: ${answer.status}`);
  return readPlan(openState(new Uint8Array(await answer.arrayBuffer())));
}

function shareRow({ person, written, deleted }: Share): HTMLElement {
  const avatar = element("span", `av av-s p${person?.colour ?? 1}`, person?.initial ?? "?");
  avatar.setAttribute("aria-hidden", "true");
  const counts = [
    written ? t("写 {count} 字", { count: written }) : "",
    deleted ? t("删 {count} 字", { count: deleted }) : "",
  ];
  const what = element("span", "what", person?.name ?? t("不知道是谁"));
  what.append(element("small", "num", counts.filter(Boolean).join("，")));
  if (person?.unit_name) what.title = person.unit_name;
  return element("li", "", avatar, what);
}

/** The comparison page, and with one side only the page of one version. */
export class ComparePage {
  constructor(private readonly data: CompareData) {}

  async start(): Promise<void> {
    const place = document.querySelector<HTMLElement>("#version") ?? required("#comparison");
    try {
      if (this.data.from) await this.compare(place, this.data.from);
      else this.read(place, await fetchPlan(this.data.to));
    } catch (error) {
      console.error(error);
      place.replaceChildren(this.failure());
    }
    place.removeAttribute("aria-busy");
  }

  private read(place: HTMLElement, plan: Plan): void {
    place.replaceChildren(...drawReading(plan));
    const { reader } = this.data;
    if (!reader) return;
    const useful = place.querySelector(".variant") !== null;
    const show = (ways: Ways): void => {
      place.dataset.ways = ways;
      control.show(ways, useful);
    };
    const control = new WaysSwitch((ways) => {
      rememberWays(reader, ways);
      show(ways);
    });
    show(rememberedWays(reader));
  }

  private async compare(place: HTMLElement, from: SideData): Promise<void> {
    const [before, after] = await Promise.all([fetchPlan(from), fetchPlan(this.data.to)]);
    const comparison = new Comparer(new Authors(this.data)).compare(before, after);
    const { rows, changes } = drawComparison(comparison);
    place.append(...rows);
    const jumps = new Jumps(changes, required("#changes"), required("#change-place"));
    this.connect("#change-next", changes.length > 0, () => {
      jumps.go(1);
    });
    this.connect("#change-previous", changes.length > 0, () => {
      jumps.go(-1);
    });
    const only = this.connect("#only-changes", changes.length > 0, () => {
      const pressed = place.classList.toggle("only-changes");
      only.setAttribute("aria-pressed", String(pressed));
    });
    const people = shares(allLines(comparison)).map(shareRow);
    required("#shares").replaceChildren(...(people.length ? people : [element("li", "dim", t("没有改字"))]));
  }

  private connect(selector: string, useful: boolean, act: () => void): HTMLElement {
    const button = required(selector) as HTMLButtonElement;
    button.disabled = !useful;
    button.addEventListener("click", act);
    return button;
  }

  private failure(): HTMLElement {
    const again = element("a", "", t("再试"));
    again.href = location.href;
    const words = element("p", "", element("b", "", t("没取到这一版。")), t("线断了，不是内容丢了。"), again);
    const notice = element("div", "notice notice-pen", icon("offline"), words);
    notice.setAttribute("role", "alert");
    return notice;
  }
}
