import type { Editor } from "@tiptap/core";
import { insertPoint } from "@tiptap/pm/transform";
import { t } from "../../shared/i18n";
import { toast } from "../../shared/toast";
import { button, element } from "../elements";
import { refusal } from "./limits";
import { addPending, removePending } from "./pending";
import { type StoredPicture, upload, UploadFailed } from "./upload";

/** As wide as the sheet's text. */
const WIDEST = 640;

/** The place for a picture next to the caret: after its line, before an empty one. */
function placeAtSelection(editor: Editor): number {
  const { $from, from } = editor.state.selection;
  if (!$from.parent.isTextblock) return from;
  return $from.parent.content.size === 0 ? $from.before() : $from.after();
}

/** Pictures from the button, the clipboard or a drop: checked, sent, then put into the plan. */
export class Pictures {
  private count = 0;

  constructor(
    private readonly editor: Editor,
    private readonly uploadUrl: string,
  ) {}

  insert(files: readonly File[], position: number = placeAtSelection(this.editor)): void {
    for (const file of files) {
      const refused = refusal(file);
      if (refused) toast(refused, "pen");
      else this.start(file, position);
    }
  }

  private start(file: File, position: number): void {
    const image = this.editor.schema.nodes.image!;
    const place = insertPoint(this.editor.state.doc, position, image);
    if (place === null) {
      toast(t("这里放不了图片，把光标放到正文里再试"), "pen");
      return;
    }
    const id = (this.count += 1);
    const shown = new PendingPicture(file, {
      send: (onProgress) => upload(this.uploadUrl, file, onProgress),
      done: (stored) => {
        this.finish(id, stored);
      },
      cancel: () => {
        this.remove(id);
      },
    });
    addPending(this.editor, {
      id,
      position: this.editor.utils.createMappablePosition(place),
      element: shown.element,
    });
    void shown.send();
  }

  private remove(id: number): void {
    const tr = this.editor.state.tr;
    removePending(this.editor, id, tr);
    this.editor.view.dispatch(tr);
  }

  private finish(id: number, { file, width, height }: StoredPicture): void {
    const tr = this.editor.state.tr;
    const position = removePending(this.editor, id, tr);
    const shownWidth = width ? Math.min(width, WIDEST) : null;
    const shownHeight = width && height && shownWidth ? Math.round((height * shownWidth) / width) : null;
    const image = this.editor.schema.nodes.image!;
    const node = image.create({ file, width: shownWidth, height: shownHeight });
    const place = position === null ? null : insertPoint(tr.doc, position, image);
    if (place !== null && this.editor.isEditable) tr.insert(place, node);
    this.editor.view.dispatch(tr);
  }
}

interface Steps {
  send: (onProgress: (share: number) => void) => Promise<StoredPicture>
  done: (stored: StoredPicture) => void
  cancel: () => void
}

/** What is shown in the place of a picture while it is sent. */
class PendingPicture {
  readonly element = element("figure", "picture picture-pending");
  private readonly bar = element("i");
  private readonly words = element("p", "sm");
  private readonly actions = element("p", "acts");

  constructor(
    private readonly file: File,
    private readonly steps: Steps,
  ) {
    this.element.contentEditable = "false";
    const progress = element("span", "bar", this.bar);
    progress.setAttribute("aria-hidden", "true");
    this.words.setAttribute("role", "status");
    const retry = button({ label: t("再传一次"), className: "btn btn-s" });
    const cancel = button({ label: t("不放了"), className: "btn btn-s btn-quiet" });
    retry.addEventListener("click", () => void this.send());
    cancel.addEventListener("click", () => {
      this.steps.cancel();
    });
    this.actions.append(retry, cancel);
    this.element.append(this.words, progress, this.actions);
  }

  async send(): Promise<void> {
    this.element.classList.remove("picture-failed");
    this.actions.hidden = true;
    this.words.textContent = t("正在传“{name}”", { name: this.file.name });
    this.bar.style.width = "0";
    try {
      const stored = await this.steps.send((share) => {
        this.bar.style.width = `${Math.round(share * 100)}%`;
      });
      this.steps.done(stored);
    } catch (error) {
      this.element.classList.add("picture-failed");
      this.actions.hidden = false;
      this.words.textContent = error instanceof UploadFailed ? error.message : t("图片没传上去");
    }
  }
}
