import { t } from "../../shared/i18n";
import { csrfToken } from "../../shared/csrf";

export interface StoredPicture {
  file: string
  width: number | null
  height: number | null
}

/** What went wrong, in words for the person. */
export class UploadFailed extends Error {}

interface Answer extends Partial<StoredPicture> {
  error?: string
  detail?: string
}

function read(request: XMLHttpRequest): Answer {
  try {
    return JSON.parse(request.responseText) as Answer;
  } catch {
    return {};
  }
}

function reason(request: XMLHttpRequest): string {
  const said = read(request).error ?? read(request).detail;
  if (said) return said;
  if (request.status === 0) return t("线断了，图片没传上去");
  if (request.status === 403) return t("你现在不能往这份教案里放图片");
  if (request.status === 413) return t("图片太大，没传上去");
  return t("图片没传上去（{status}）", { status: request.status });
}

/** Sends one picture; `onProgress` hears the share sent, 0 … 1. */
export function upload(url: string, picture: File, onProgress: (share: number) => void): Promise<StoredPicture> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      const { file, width = null, height = null } = read(request);
      if (request.status < 300 && file) resolve({ file, width, height });
      else reject(new UploadFailed(reason(request)));
    });
    request.addEventListener("error", () => {
      reject(new UploadFailed(reason(request)));
    });
    const form = new FormData();
    form.append("file", picture);
    request.send(form);
  });
}
