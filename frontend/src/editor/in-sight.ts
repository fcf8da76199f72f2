/** In a long plan what comes into sight takes its own size only then: the place is looked at again so many times. */
const LOOKS = 5;
const PAUSE = 50;

/** Scrolls to an element and stays with it while what is around it takes its size. */
export function bringIntoSight(element: HTMLElement, block: ScrollLogicalPosition): void {
  let looks = 0;
  const show = (): void => {
    element.scrollIntoView({ block });
    looks += 1;
    if (looks < LOOKS) timer = setTimeout(show, PAUSE);
  };
  const stop = (): void => {
    clearTimeout(timer);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  for (const act of ["wheel", "touchstart", "keydown", "mousedown"]) {
    addEventListener(act, stop, { once: true, passive: true, capture: true });
  }
  show();
}
