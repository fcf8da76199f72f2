export { collaborationExtensions } from "./extensions";
export { fill, KeptMapping } from "./first-content";
export { openDocument } from "./open";
export { completeTables } from "./table-repair";
export { endUndoStep } from "./undo";
export type {
  Access,
  Ending,
  Identity,
  Person,
  PlanData,
  SaveState,
  SharedPlan,
  Side,
  Status,
} from "./types";
