/** `data-copies="id"`: puts what a field holds on the clipboard; without one the field is selected. */
import { toast } from "../shared/toast";

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copies]");
    const field = button && document.getElementById(button.dataset["copies"]!);
    if (!button || !(field instanceof HTMLInputElement)) return;
    field.select();
    const copied = (): void => {
      toast(button.dataset["copied"] ?? "");
    };
    // over plain HTTP a page has no clipboard, but the old way still works
    if (navigator.clipboard) void navigator.clipboard.writeText(field.value).then(copied, () => field.focus());
    else if (document.execCommand("copy")) copied();
  });
}
