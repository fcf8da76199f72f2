import type { Editor } from "@tiptap/core";
import type { SaveState } from "../../collaboration";
import { csrfToken } from "../../shared/csrf";
import { t } from "../../shared/i18n";
import { toast } from "../../shared/toast";
import { selectedPair } from "./places";

function lineDown(): string {
  return t("线断了，没放进去。教案没有动");
}

/** 放进集研议程: the server reads the two ways from what is stored, so what is written must be there first. */
export function putOnAgenda(editor: Editor, url: string, saving: SaveState): void {
  const place = selectedPair(editor.state);
  if (place === null) return;
  if (saving.kind !== "saved") {
    toast(t("还有改动没存好，等显示“已保存”再放"), "pen");
    return;
  }
  send(url, String(place.node.attrs.id)).then(
    ({ text, refused }) => {
      if (refused) toast(refused, "pen");
      else toast(t("放进议程了：{text}", { text }));
    },
    (error: unknown) => {
      console.error(error);
      toast(lineDown(), "pen");
    },
  );
}

async function send(url: string, block: string): Promise<{ text: string; refused: string }> {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    body: new URLSearchParams({ block }),
  });
  const said = (await answer.json()) as { text?: string; detail?: string };
  return { text: said.text ?? "", refused: answer.ok ? "" : (said.detail ?? lineDown()) };
}
