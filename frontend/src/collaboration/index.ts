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
