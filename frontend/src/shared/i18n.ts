/** Chinese is the source language; a page in another language brings a catalogue of translations. */
type Catalogue = Readonly<Record<string, string>>;

let catalogue: Catalogue = {};

export function useCatalogue(next: Catalogue): void {
  catalogue = next;
}

/** The catalogue of the page's language, loaded only when it is not Chinese. */
export async function loadCatalogue(): Promise<void> {
  const language = document.documentElement.lang.slice(0, 2);
  if (language === "en") useCatalogue((await import("./catalogues/en")).default);
  else if (language === "ko") useCatalogue((await import("./catalogues/ko")).default);
}

/** `t("存在本机，{count} 处没传", { count: 3 })`: the Chinese text is the key. */
export function t(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  const translated = catalogue[text] ?? text;
  return translated.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
