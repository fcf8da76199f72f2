import { TableView } from "@tiptap/extension-table";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";

/** The table in the page; shows the node's id and kind, which the plain view would forget after a change. */
export class PlanTableView extends TableView {
  constructor(node: ProseMirrorNode, cellMinWidth: number) {
    super(node, cellMinWidth);
    this.showAttributes(node);
  }

  override update(node: ProseMirrorNode): boolean {
    if (!super.update(node)) return false;
    this.showAttributes(node);
    return true;
  }

  private showAttributes(node: ProseMirrorNode): void {
    this.table.dataset.kind = String(node.attrs.kind);
    if (node.attrs.id) this.table.dataset.id = String(node.attrs.id);
  }
}
