/** The desk of a reviewer: a plan's text beside level and opinion. */
import "../styles/editor/review.scss";
import { required } from "../editor/elements";
import { ReviewDesk, type DeskData } from "../review/desk";
import { startKeys } from "../review/keys";
import { loadCatalogue } from "../shared/i18n";

async function start(): Promise<void> {
  await loadCatalogue();
  startKeys(new ReviewDesk(JSON.parse(required("#desk-data").textContent) as DeskData));
}

void start();
