/** Two versions side by side, or one version to read. */
import "../styles/editor/compare.scss";
import { ComparePage, type CompareData } from "../compare/page";
import { required } from "../editor/elements";
import { loadCatalogue } from "../shared/i18n";

async function start(): Promise<void> {
  await loadCatalogue();
  await new ComparePage(JSON.parse(required("#compare-data").textContent) as CompareData).start();
}

void start();
