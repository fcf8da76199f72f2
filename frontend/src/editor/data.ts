import type { PlanData } from "../collaboration";
import type { Hints } from "./tools/placeholder";

/** What the text needs: the shared document, and what to write where nobody has written. */
export interface TextData extends PlanData {
  hints: Hints;
}

/** The JSON of `#plan-data`. */
export interface EditorData extends TextData {
  /** The school or county that the plan belongs to, and its owner: they stand on paper. */
  place: string;
  owner: string;
  nextVersion: number;
}
