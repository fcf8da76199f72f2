import type { Extensions } from "@tiptap/core";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Text } from "@tiptap/extension-text";
import { Comment } from "./marks/comment";
import { Highlight } from "./marks/highlight";
import { Link } from "./marks/link";
import { PlanBold, PlanItalic, PlanSubscript, PlanSuperscript, PlanUnderline } from "./marks/plain";
import { Ruby } from "./marks/ruby";
import { Strike } from "./marks/strike";
import { PlanDocument } from "./nodes/document";
import { Formula } from "./nodes/formula";
import { Header } from "./nodes/header";
import { HeaderField } from "./nodes/header-field";
import { PlanImage } from "./nodes/image";
import { Paragraph } from "./nodes/paragraph";
import { Section } from "./nodes/section";
import { PlanTable } from "./nodes/table";
import { PlanTableCell } from "./nodes/table-cell";
import { PlanTableHeader } from "./nodes/table-header";
import { PlanTableRow } from "./nodes/table-row";
import { Variant } from "./nodes/variant";

export const NODES: Extensions = [
  PlanDocument,
  Text,
  HardBreak,
  Formula,
  Header,
  HeaderField,
  Section,
  Variant,
  Paragraph,
  PlanTable,
  PlanTableRow,
  PlanTableCell,
  PlanTableHeader,
];

export const MARKS: Extensions = [
  Comment,
  Link,
  PlanBold,
  PlanItalic,
  PlanUnderline,
  Strike,
  PlanSubscript,
  PlanSuperscript,
  Highlight,
  Ruby,
];

/** Everything that may stand in a lesson plan: the same as lessons/schema.py, kept equal by a test. */
export const SCHEMA: Extensions = [...NODES, PlanImage, ...MARKS];
