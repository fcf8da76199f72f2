import { Editor } from "@tiptap/core";
import { Dropcursor, Gapcursor } from "@tiptap/extensions";
import { Discussion, type DiscussionOptions } from "../discussion/extension";
import { t } from "../shared/i18n";
import { toast } from "../shared/toast";
import { collaborationExtensions, fill, KeptMapping, type SharedPlan } from "../collaboration";
import type { TextData } from "./data";
import { FactCells } from "./facts";
import { EditableImage } from "./images/image";
import { PicturePaste } from "./images/picture-paste";
import { PendingPictures } from "./images/pending";
import { Pictures } from "./images/pictures";
import { Paste } from "./paste/paste";
import { ProcessTable } from "./process/process-table";
import { LongPlan } from "./long-plan";
import { Origins } from "./origins";
import { MARKS, NODES } from "./schema";
import { InputRules } from "./tools/input-rules";
import { LeaveKeys } from "./tools/leave-keys";
import { ListKeys } from "./tools/list-keys";
import { Placeholder } from "./tools/placeholder";
import { TableKeys } from "./tools/table-keys";
import { TaskBoxes } from "./tools/task-boxes";
import { VariantKeys } from "./variants/keys";
import { VariantPairs } from "./variants/pairs";
import { ShownWays } from "./variants/shown";

/** How the editor behaves, apart from what may stand in a plan and from the shared document. */
export const BEHAVIOUR = [
  Dropcursor.configure({ color: false, class: "drop-place", width: 3 }),
  Gapcursor,
  InputRules,
  LeaveKeys,
  ListKeys,
  LongPlan,
  Paste,
  ProcessTable,
  TableKeys,
  TaskBoxes,
  VariantKeys,
  VariantPairs,
];

export interface PlanEditor {
  editor: Editor
  pictures: Pictures
  /** Puts it on the page, with the plan as it is. Only after `shared.whenReady`. */
  show: (place: HTMLElement) => void
}

/** The editor, not on the page yet: making it takes a while, in which the plan is on its way. */
export function createEditor(
  data: TextData,
  shared: SharedPlan,
  discussion: Partial<DiscussionOptions> = {},
): PlanEditor {
  const mapping = new KeptMapping();
  const fileUrl = (file: string) => data.urls.file.replace("{id}", file);
  const editor: Editor = new Editor({
    element: null,
    injectCSS: false,
    // no content check: it would walk through all of the plan with every change of the others, and hold back from the
    // page what it finds fault with, so that the next key typed here undoes it for everyone
    extensions: [
      ...NODES,
      EditableImage.configure({ fileUrl }),
      ...MARKS,
      ...BEHAVIOUR,
      ShownWays.configure({
        refused: () => {
          toast(t("这里有收起的做法。要删，先按“全部”把它打开"), "pen");
        },
      }),
      Placeholder.configure({ hints: data.hints }),
      FactCells.configure({ facts: data.facts }),
      Origins,
      Discussion.configure(discussion),
      PendingPictures,
      PicturePaste.configure({ insert: (files, position) => { pictures.insert(files, position); } }),
      ...collaborationExtensions(shared, mapping),
    ],
    editorProps: {
      attributes: { "aria-label": t("教案正文"), role: "textbox", "aria-multiline": "true", spellcheck: "false" },
    },
  });
  const pictures: Pictures = new Pictures(editor, data.urls.upload);
  const show = (place: HTMLElement) => {
    editor.options.editable = shared.writable.get();
    fill(editor, shared.fragment, mapping);
    editor.mount(place);
  };
  return { editor, pictures, show };
}
