import { Node } from "@tiptap/core";

/** A lesson plan: its header, then sections. Blocks outside any section are legal. */
export const PlanDocument = Node.create({
  name: "doc",
  topNode: true,
  content: "header? (section | block)+",
});
