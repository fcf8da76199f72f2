import { button, element } from "../editor/elements";
import { t } from "../shared/i18n";
import type { PersonCard, Said } from "./types";

export function time(at: string): string {
  const date = new Date(at);
  const clock = `${date.getHours()}:${String(date.getMinutes()).padStart(2, "0")}`;
  if (date.toDateString() === new Date().toDateString()) return clock;
  return t("{month}月{day}日 {clock}", { month: date.getMonth() + 1, day: date.getDate(), clock });
}

/** Pressed, it shows all that this person said and changed. */
export function avatar(person: PersonCard, pressed: (id: number) => void): HTMLButtonElement {
  const made = button({ label: person.initial, className: `av av-s p${person.colour} av-press` });
  const words = t("{name}说过和改过的", { name: person.name });
  made.setAttribute("aria-label", words);
  made.title = [person.unit_name, words].filter(Boolean).join(" · ");
  made.addEventListener("click", (event) => {
    event.stopPropagation();
    pressed(person.id);
  });
  return made;
}

/** 城 ● / 乡 ◆ and where somebody teaches. */
export function unit(person: PersonCard): HTMLElement {
  const made = element("small", "anno-unit");
  if (person.side) made.append(element("i", `dot-${person.side}`), " ");
  made.append(person.unit_name);
  return made;
}

/** What was said, with the names of those it names; no text ever becomes markup. */
export function words({ text, names, deleted }: Said): HTMLElement {
  if (deleted) return element("p", "anno-gone", t("已删除"));
  const made = element("p", "anno-words");
  const named = [...names].sort((one, other) => other.length - one.length).map((name) => `@${name}`);
  let rest = text;
  while (rest) {
    const [first] = named.map((name) => ({ name, start: rest.indexOf(name) })).filter(({ start }) => start >= 0).sort((a, b) => a.start - b.start);
    if (!first) break;
    made.append(rest.slice(0, first.start), element("b", "anno-name", first.name));
    rest = rest.slice(first.start + first.name.length);
  }
  made.append(rest);
  return made;
}

export function shortened(text: string, length = 60): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
