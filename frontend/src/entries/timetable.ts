/** A teacher's week, painted cell by cell. */
import "../styles/timetable.scss";
import { required } from "../editor/elements";
import { loadCatalogue } from "../shared/i18n";
import { Brushes } from "../timetable/brushes";
import { Grid } from "../timetable/grid";
import { Saving } from "../timetable/saving";
import { type TimetableData, Week } from "../timetable/week";

async function start(): Promise<void> {
  await loadCatalogue();
  const data = JSON.parse(required("#timetable-data").textContent) as TimetableData;
  const brushes = new Brushes(required("#brush-list"), required("#brush-new") as HTMLFormElement, data.brushes);
  const saving = new Saving(data, required("#timetable-state"), required("#timetable-count"), (cell) => { grid.put(cell); });
  const grid = new Grid(required("#week-grid") as HTMLTableElement, new Week(data.cells), brushes, (cell) => { saving.note(cell); });
  const weekend = required("#weekend");
  weekend.addEventListener("click", () => {
    grid.showWeekend();
    weekend.hidden = true;
  });
  weekend.hidden = document.querySelectorAll("th[data-day]").length > 5;
}

void start();
