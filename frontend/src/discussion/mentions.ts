import { element } from "../editor/elements";
import { ask } from "./api";
import type { PersonCard } from "./types";
import { unit } from "./words";

const PAUSE = 200;
const TYPED = /@([^\s@]{0,20})$/;

let numbers = 0;

/** A list of people under a text field while a name is typed after @. */
export class Mentions {
  private readonly list = element("ul", "mention-list");
  private readonly people = new Map<string, number>();
  private found: PersonCard[] = [];
  private index = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = "";

  constructor(
    private readonly field: HTMLTextAreaElement,
    private readonly url: string,
  ) {
    numbers += 1;
    this.list.id = `mention-${numbers}`;
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    field.after(this.list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
    field.addEventListener("input", () => {
      this.look();
    });
    field.addEventListener("keydown", (event) => {
      this.onKey(event);
    });
    field.addEventListener("blur", () => {
      this.close();
    });
  }

  /** The ids of those who are named in the text as it is. */
  ids(): number[] {
    const named = [...this.people].filter(([name]) => this.field.value.includes(`@${name}`));
    return [...new Set(named.map(([, id]) => id))];
  }

  private look(): void {
    const typed = TYPED.exec(this.field.value.slice(0, this.field.selectionStart));
    clearTimeout(this.timer);
    if (!typed) {
      this.close();
      return;
    }
    this.asked = typed[1] ?? "";
    this.timer = setTimeout(() => void this.fetch(this.asked), PAUSE);
  }

  private async fetch(name: string): Promise<void> {
    try {
      const found = await ask<PersonCard[]>(`${this.url}/people?q=${encodeURIComponent(name)}`);
      if (name === this.asked && document.activeElement === this.field) this.show(found);
    } catch {
      this.close(); // a name can be typed without the list
    }
  }

  private show(found: PersonCard[]): void {
    this.found = found;
    this.index = 0;
    this.list.hidden = found.length === 0;
    this.list.replaceChildren(...found.map((person, index) => this.option(person, index)));
    this.mark();
  }

  private option(person: PersonCard, index: number): HTMLElement {
    const made = element("li", "", element("b", "", person.name), " ", unit(person));
    made.id = `${this.list.id}-${index}`;
    made.setAttribute("role", "option");
    made.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.take(person);
    });
    return made;
  }

  private mark(): void {
    [...this.list.children].forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.index));
    });
    if (this.list.hidden) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.index}`);
  }

  private onKey(event: KeyboardEvent): void {
    if (this.list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.index = (this.index + step + this.found.length) % this.found.length;
      this.mark();
    } else if (event.key === "Enter" || event.key === "Tab") this.take(this.found[this.index]!);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private take(person: PersonCard): void {
    const { selectionStart, value } = this.field;
    const before = value.slice(0, selectionStart).replace(TYPED, `@${person.name} `);
    this.field.value = before + value.slice(selectionStart);
    this.field.setSelectionRange(before.length, before.length);
    this.people.set(person.name, person.id);
    this.close();
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asked = "\0";
    this.list.hidden = true;
    this.mark();
  }
}
