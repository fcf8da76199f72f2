/** The keys of the desk, while nothing is typed: 1–9 level, J/K or arrows to the next and the previous plan. */
export interface Desk {
  choose(place: number): void;
  go(step: 1 | -1): void;
  save(): void;
}

const WRITES = "input:not([type=radio]), textarea, select, [contenteditable]";
const STEPS: Readonly<Record<string, 1 | -1>> = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 };

export function startKeys(desk: Desk): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      desk.save();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target as Element;
    if (target.closest(WRITES) || document.querySelector(".modal.show")) return;
    // among the levels the arrows choose, as they do among all radio buttons
    if (event.key.startsWith("Arrow") && target.closest("[type=radio], [tabindex]:not(main)")) return;
    const step = STEPS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (step) desk.go(step);
    else if (/^[1-9]$/.test(event.key)) desk.choose(Number(event.key));
    else return;
    event.preventDefault();
  });
}
