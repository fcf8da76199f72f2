/** A line that says what happened and goes away; screen readers hear it politely. */
const SHOWN_FOR = 6000;

export function toast(text: string, kind: "plain" | "pen" = "plain"): void {
  const host = document.getElementById("toasts");
  if (!host) return;
  const line = document.createElement("p");
  line.className = kind === "pen" ? "toast toast-pen" : "toast";
  line.textContent = text;
  host.append(line);
  setTimeout(() => {
    line.remove();
  }, SHOWN_FOR);
}
