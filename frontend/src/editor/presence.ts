import { t } from "../shared/i18n";
import type { Store } from "../shared/store";
import type { Person } from "../collaboration";
import { button, element } from "./elements";

const SHOWN = 4;

function initial(name: string): string {
  return name.slice(0, (name.codePointAt(0) ?? 0) > 0xffff ? 2 : 1) || "?";
}

export function personAvatar(person: Person): HTMLElement {
  const avatar = element("span", `av p${String(person.colour)}`, initial(person.name));
  if (person.away) avatar.classList.add("av-away");
  avatar.setAttribute("aria-hidden", "true");
  avatar.title = [person.name, person.school].filter(Boolean).join(" · ");
  return avatar;
}

function names(people: readonly Person[]): string {
  return people.map((person) => (person.me ? t("{name}（你）", { name: person.name }) : person.name)).join("、");
}

/** Who has the plan open, in the bar. */
export class Presence {
  constructor(
    private readonly place: HTMLElement,
    private readonly people: Store<Person[]>,
    private readonly pressed: (id: number) => void,
  ) {
    people.subscribe(() => {
      this.show();
    });
    this.show();
  }

  private show(): void {
    const people = this.people.get();
    this.place.hidden = people.length === 0;
    this.place.setAttribute("aria-label", t("{count} 人在线：{names}", { count: people.length, names: names(people) }));
    const shown: HTMLElement[] = people.slice(0, SHOWN).map((person) => this.avatar(person));
    if (people.length > SHOWN) {
      const more = element("span", "av av-away", `+${people.length - SHOWN}`);
      more.setAttribute("aria-hidden", "true");
      more.title = names(people.slice(SHOWN));
      shown.push(more);
    }
    this.place.replaceChildren(...shown);
  }

  /** Leads to what this person said and changed. */
  private avatar(person: Person): HTMLElement {
    const face = personAvatar(person);
    const made = button({ label: "", className: face.className });
    made.textContent = face.textContent;
    made.title = face.title;
    made.setAttribute("aria-label", t("{name}说过和改过的", { name: person.name }));
    made.addEventListener("click", () => {
      this.pressed(person.id);
    });
    return made;
  }
}
