/** 标准 / 大 / 特大: 100, 112.5 or 125 % of the text; the choice stays on this device. */
export const TEXT_SIZES = ["normal", "large", "largest"] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

const KEY = "text-size";

function stored(): TextSize {
  try {
    const value = localStorage.getItem(KEY);
    return value === "large" || value === "largest" ? value : "normal";
  } catch {
    return "normal";
  }
}

let current = stored();

export function textSize(): TextSize {
  return current;
}

export function setTextSize(next: TextSize): void {
  current = next;
  if (next === "normal") document.documentElement.removeAttribute("data-text-size");
  else document.documentElement.setAttribute("data-text-size", next);
  try {
    if (next === "normal") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // storage is closed: the choice holds for this page
  }
}

export function nextTextSize(): TextSize {
  return TEXT_SIZES[(TEXT_SIZES.indexOf(current) + 1) % TEXT_SIZES.length]!;
}
