import type { SaveState } from "../collaboration";
import { csrfToken } from "../shared/csrf";
import { t } from "../shared/i18n";
import type { Store } from "../shared/store";
import { toast } from "../shared/toast";
import type { EditorData } from "./data";

interface Named {
  number: number;
  label: string;
}

async function nameVersion(url: string, name: string): Promise<Named> {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    body: new URLSearchParams({ name }),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as Named;
}

/** The buttons name the number that comes next. */
function showNext(number: number): void {
  for (const place of document.querySelectorAll("[data-next-version]")) {
    place.textContent = t("定为第{number}版", { number });
  }
}

/** 定为第 n 版. A version freezes what is stored: what is still on its way must arrive first. */
export function startNaming(data: EditorData, state: Store<SaveState>): void {
  const form = document.querySelector<HTMLFormElement>("#name-version-form");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    if (state.get().kind !== "saved") {
      toast(t("还有改动没存好，等显示“已保存”再定"), "pen");
      return;
    }
    const name = form.querySelector<HTMLInputElement>("[name=name]")?.value ?? "";
    nameVersion(data.urls.nameVersion, name).then(
      ({ number, label }) => {
        form.reset();
        data.nextVersion = number + 1;
        showNext(data.nextVersion);
        form.querySelector<HTMLElement>("[data-bs-dismiss]")?.click();
        toast(t("定好了{label}", { label }));
      },
      (error: unknown) => {
        console.error(error);
        toast(t("没定成。线断了，或你现在不能改这份教案。内容没有动"), "pen");
      },
    );
  });
}
