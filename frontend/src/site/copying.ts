/** `data-copies="id"`: puts what a field holds on the clipboard; without one the field is selected. */
import { toast } from "../shared/toast";

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copies]");
    const field = button && document.getElementById(button.dataset["copies"]!);
    if (!button || !(field instanceof HTMLInputElement)) return;
    field.select();
    const clipboard = navigator.clipboard as Clipboard | undefined; // not over plain HTTP
    void clipboard?.writeText(field.value).then(() => {
      toast(button.dataset["copied"] ?? "");
    });
  });
}
