import type { PlanData } from "../collaboration";
import type { Hints } from "./tools/placeholder";

/** The JSON of `#plan-data`: what the shared document needs, and what only the page shows. */
export interface EditorData extends PlanData {
  hints: Hints;
}
