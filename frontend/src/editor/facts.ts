import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { t } from "../shared/i18n";
import type { PlanData } from "../collaboration";
import { element } from "./elements";
import { findHeader } from "./sections";

type Facts = PlanData["facts"]

/** What the catalogue says of the plan, as label and text. */
export function factRows(facts: Facts): [label: string, text: string][] {
  const rows: [string, string][] = [
    [t("学科年级"), [facts.subject, facts.book].filter(Boolean).join(" · ")],
    [t("版本单元"), [facts.edition, facts.unit].filter(Boolean).join(" · ")],
  ];
  return rows.filter(([, text]) => text);
}

function cell(label: string, text: string): HTMLElement {
  const made = element("div", "field-cell field-fixed", element("span", "field-label", label), element("span", "field-text", text));
  made.contentEditable = "false";
  return made;
}

/** Subject, book, edition and unit stand in the same grid as the fields, but come from the catalogue. */
export const FactCells = Extension.create<{ facts: Facts }>({
  name: "factCells",

  addOptions: () => ({ facts: { subject: "", book: "", edition: "", unit: "" } }),

  addProseMirrorPlugins() {
    const rows = factRows(this.options.facts);
    return [
      new Plugin({
        props: {
          decorations: (state) => {
            const found = findHeader(state.doc);
            if (!found) return null;
            const title = found.header.firstChild;
            const pos = found.pos + 1 + (title?.attrs.key === "title" ? title.nodeSize : 0);
            return DecorationSet.create(
              state.doc,
              rows.map(([label, text], index) =>
                Decoration.widget(pos, () => cell(label, text), {
                  side: -1,
                  key: `fact-${index}-${text}`,
                }),
              ),
            );
          },
        },
      }),
    ];
  },
});
