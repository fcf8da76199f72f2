/** 运行状况: the page keeps itself up to date. */
import { loadCatalogue } from "../shared/i18n";
import { RunningPage } from "../site/running";

async function start(): Promise<void> {
  await loadCatalogue();
  new RunningPage(document).start();
}

void start();
