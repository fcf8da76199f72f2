/** One lesson plan, written together. */
import "../styles/editor/editor.scss";
import { loadCatalogue } from "../shared/i18n";
import type { PlanData } from "../collaboration";
import { required } from "../editor/elements";
import { EditorPage } from "../editor/page";

async function start(): Promise<void> {
  await loadCatalogue();
  await new EditorPage(JSON.parse(required("#plan-data").textContent) as PlanData).start();
}

void start();
