import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { t } from "../../shared/i18n";
import { toast } from "../../shared/toast";
import { isPicture } from "./limits";

type Insert = (files: File[], position?: number) => void

function pictures(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter(isPicture);
}

function dataUrlToFile(url: string, index: number): File | null {
  const found = /^data:(image\/[a-z]+);base64,(.+)$/i.exec(url);
  if (!found) return null;
  const bytes = Uint8Array.from(atob(found[2]!), (character) => character.charCodeAt(0));
  const type = found[1]!;
  return new File([bytes], `${t("图片")} ${index + 1}.${type.slice(6)}`, { type });
}

/** Pictures inside copied HTML: those written out in it can be taken, those on the other computer's disk cannot. */
export function htmlPictures(html: string): { files: File[]; missing: number; text: boolean } {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const style of body.querySelectorAll("style, script")) style.remove();
  const sources = [...body.querySelectorAll("img")]
    .filter((image) => !image.closest("figure[data-file]"))
    .map((image) => image.getAttribute("src") ?? "");
  const files = sources.map(dataUrlToFile).filter((file) => file !== null);
  return { files, missing: sources.length - files.length, text: body.textContent.trim() !== "" };
}

interface Options {
  insert: Insert
}

/** Pictures that are pasted or dropped are sent and stored first. */
export const PicturePaste = Extension.create<Options>({
  name: "picturePaste",

  addOptions: () => ({ insert: () => undefined }),

  addProseMirrorPlugins() {
    const { insert } = this.options;
    return [
      new Plugin({
        props: {
          handlePaste(view, event) {
            if (!view.editable) return false;
            const files = pictures(event.clipboardData);
            const inHtml = htmlPictures(event.clipboardData?.getData("text/html") ?? "");
            // Word puts a picture of the copied text beside the text: the text is what is wanted
            if (files.length && !inHtml.text) {
              insert(files);
              return true;
            }
            if (inHtml.files.length) setTimeout(() => {
              insert(inHtml.files);
            });
            if (inHtml.missing) toast(t("有 {count} 张图没带过来。请把图单独复制，或用“图片”按钮放", { count: inHtml.missing }));
            return false;
          },
          handleDrop(view, event) {
            const files = pictures(event.dataTransfer);
            if (!files.length || !view.editable) return false;
            const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
            insert(files, place?.pos);
            event.preventDefault();
            return true;
          },
        },
      }),
    ];
  },
});
