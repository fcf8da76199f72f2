/** On pages that show a school's line. */
import { loadCatalogue } from "../shared/i18n";
import { startLine, type LineData } from "../site/line";

const data = document.getElementById("line-data")?.textContent;
if (data) {
  void loadCatalogue().then(() => {
    startLine(JSON.parse(data) as LineData);
  });
}
