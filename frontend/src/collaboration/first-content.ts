import { Extension } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { initProseMirrorDoc } from "@tiptap/y-tiptap";
import type * as Y from "yjs";

/** Which nodes show which shared types. */
type Mapping = Map<Y.AbstractType<unknown>, Node | Node[]>;

/**
 * y-tiptap 3.0.9 forgets the whole mapping with every remote change and makes every node anew. Before that it forgets
 * what changed, which is all that has to be made anew: in a long plan the rest is a hundred times as much.
 */
export class KeptMapping extends Map<Y.AbstractType<unknown>, Node | Node[]> {
  override clear(): void {
    // what changed has been taken out one by one
  }
}

export interface FirstContentOptions {
  fragment: Y.XmlFragment | null;
  mapping: Mapping;
}

/** Makes the editor with the plan in it; y-tiptap would make an empty one and replace its content. */
export const FirstContent = Extension.create<FirstContentOptions>({
  name: "firstContent",

  addOptions: () => ({ fragment: null, mapping: new KeptMapping() }),

  onBeforeCreate() {
    const { fragment, mapping } = this.options;
    if (fragment === null || fragment.length === 0) return;
    const made = initProseMirrorDoc(fragment, this.editor.schema) as { doc: Node; mapping: Mapping };
    for (const [type, node] of made.mapping) mapping.set(type, node);
    this.editor.options.content = made.doc as unknown as typeof this.editor.options.content;
  },
});
