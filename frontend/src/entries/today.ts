/** 今日: what this device still holds back, and how long until the next lesson. */
import { loadCatalogue } from "../shared/i18n";
import { showCopies } from "../today/copies";
import { startCountdown } from "../today/countdown";

async function start(): Promise<void> {
  await loadCatalogue();
  startCountdown();
  await showCopies();
}

void start();
