import { Bold } from "@tiptap/extension-bold";
import { Italic } from "@tiptap/extension-italic";
import { Subscript } from "@tiptap/extension-subscript";
import { Superscript } from "@tiptap/extension-superscript";
import { Underline } from "@tiptap/extension-underline";

// No Markdown marks: in a lesson plan “__” is a blank to fill in and “*” a multiplication sign.
const noRules = { addInputRules: () => [], addPasteRules: () => [] };

export const PlanBold = Bold.extend(noRules);
export const PlanItalic = Italic.extend(noRules);
export const PlanUnderline = Underline.extend(noRules);
export const PlanSubscript = Subscript.extend({ ...noRules, excludes: "subscript superscript" });
export const PlanSuperscript = Superscript.extend({ ...noRules, excludes: "subscript superscript" });
