/** Keys that work anywhere on the page (UX: the keyboard map). */
export interface PageKeys {
  save: () => void
  find: () => void
  link: () => void
  help: () => void
  /** Write a comment on what is chosen. */
  comment: () => void
  /** To the next (or previous) thread of the discussion. */
  thread: (step: 1 | -1) => void
  section: (index: number) => void
  /** Both ways of the lesson, then one side's, then the other's. */
  ways: () => void
  /** The next (or previous) part of the page. */
  cycle: (step: 1 | -1) => void
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select"))
  );
}

/** What a key press means here, or null: then it is left to the browser and the editor. */
export function meaningOf(event: KeyboardEvent, keys: PageKeys): (() => void) | null {
  const control = event.ctrlKey || event.metaKey;
  if (event.isComposing) return null;
  if (event.key === "F6") return () => {
    keys.cycle(event.shiftKey ? -1 : 1);
  };
  if (control && event.altKey) {
    if (event.code === "KeyV") return keys.ways;
    if (event.code === "KeyM") return keys.comment;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return () => {
      keys.thread(event.key === "ArrowDown" ? 1 : -1);
    };
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    return digit ? () => { keys.section(Number(digit[1])); } : null;
  }
  if (control && !event.shiftKey) {
    const key = event.key.toLowerCase();
    if (key === "s") return keys.save;
    if (key === "f") return keys.find;
    if (key === "k") return keys.link;
    return null;
  }
  if ((event.key === "?" || event.key === "？") && !control && !event.altKey && !isTyping(event.target)) return keys.help;
  return null;
}

export function listenToKeys(keys: PageKeys): void {
  document.addEventListener(
    "keydown",
    (event) => {
      const act = meaningOf(event, keys);
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
    true,
  );
}
