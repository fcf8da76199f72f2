/** One lesson plan, written together. */
import "../styles/editor/editor.scss";
import { loadCatalogue } from "../shared/i18n";
import type { EditorData } from "../editor/data";
import { required } from "../editor/elements";
import { EditorPage } from "../editor/page";

async function start(): Promise<void> {
  await loadCatalogue();
  await new EditorPage(JSON.parse(required("#plan-data").textContent) as EditorData).start();
}

void start();
