/** Forms: a pressed button says that it is busy, passwords can be shown, choices can send at once, a long form
 * (`data-guarded`) asks before what was typed in it is left behind. */
const SUBMIT = "button:not([type]), [type=submit]";

function busy(form: HTMLFormElement, button: HTMLElement | null): void {
  if (!button) return;
  button.style.minWidth = `${button.offsetWidth}px`;
  button.setAttribute("aria-busy", "true");
  form.dataset["sent"] = "true";
}

function rest(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
  for (const button of document.querySelectorAll("form [aria-busy]")) button.removeAttribute("aria-busy");
}

/** Not requestSubmit(): Safari 16. */
function send(form: HTMLFormElement | null): void {
  const button = form?.querySelector<HTMLElement>(SUBMIT);
  if (button) button.click();
  else form?.submit();
}

export function startForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method !== "post") return;
    if (form.dataset["sent"]) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || "downloads" in form.dataset) return; // a file comes, the page stays
    busy(form, event.submitter ?? form.querySelector(SUBMIT));
  });
  // the page comes back from the browser's memory with its button still busy
  window.addEventListener("pageshow", rest);
  document.addEventListener("htmx:afterRequest", rest);

  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-shows-password]");
    const input = button && document.getElementById(button.dataset["showsPassword"]!);
    if (!button || !(input instanceof HTMLInputElement)) return;
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });

  document.addEventListener("input", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-guarded]");
    if (form) form.dataset["typed"] = "true";
  });
  window.addEventListener("beforeunload", (event) => {
    if (!document.querySelector("form[data-typed]:not([data-sent])")) return;
    event.preventDefault();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- Chromium before 119 and Safari know no other way
    event.returnValue = "";
  });

  document.addEventListener("change", (event) => {
    const field = event.target as HTMLSelectElement | HTMLInputElement;
    if ("sends" in field.dataset) send(field.form);
  });
}
