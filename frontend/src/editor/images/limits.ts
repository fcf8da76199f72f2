import { t } from "../../shared/i18n";

export const MOST_MEGABYTES = 10;
const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** For the file dialog. */
export const ACCEPT = TYPES.join(",");

export function isPicture(file: File): boolean {
  return file.type.startsWith("image/");
}

/** Why this picture cannot be put in, or null. The server checks again by the content. */
export function refusal(file: File): string | null {
  if (!TYPES.includes(file.type)) {
    return t("“{name}”不是能放进教案的图片。请用 PNG、JPG、GIF 或 WebP", { name: file.name });
  }
  if (file.size > MOST_MEGABYTES * 1024 * 1024) {
    const size = (file.size / 1024 / 1024).toFixed(1);
    return t("“{name}”有 {size} MB，一张图最大 {most} MB。先把它缩小再放", { name: file.name, size, most: MOST_MEGABYTES });
  }
  if (file.size === 0) return t("“{name}”是空的", { name: file.name });
  return null;
}
