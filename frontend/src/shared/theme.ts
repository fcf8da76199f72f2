/** Light is the 备课本, dark the 黑板; the choice stays on this device (see prep/first.js). */
export type Theme = "system" | "light" | "dark";

const KEY = "theme";

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

let current = stored();

export function theme(): Theme {
  return current;
}

/** Which of the two is on the screen now. */
export function shownTheme(): "light" | "dark" {
  if (current !== "system") return current;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function setTheme(next: Theme): void {
  current = next;
  if (next === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", next);
  try {
    if (next === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // storage is closed: the choice holds for this page
  }
}
