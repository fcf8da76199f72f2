import type { Editor } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { EditorState } from "@tiptap/pm/state";
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

/** Puts the plan into an editor that is not on the page yet; y-tiptap would show an empty one and replace its content. */
export function fill(editor: Editor, fragment: Y.XmlFragment, mapping: Mapping): void {
  if (fragment.length === 0) return;
  const made = initProseMirrorDoc(fragment, editor.schema) as { doc: Node; mapping: Mapping };
  for (const [type, node] of made.mapping) mapping.set(type, node);
  editor.view.updateState(EditorState.create({ doc: made.doc }));
}
