import { VARIANT_SIDES } from "../generated/contracts";
import { t } from "./i18n";

/** Town and village: whose way of a lesson it is. */
export type VariantSide = keyof typeof VARIANT_SIDES;
export const SIDES = Object.keys(VARIANT_SIDES) as VariantSide[];

export function sideName(side: VariantSide): string {
  return side === "town" ? t("城镇班") : t("乡村班");
}

export function otherSide(side: VariantSide): VariantSide {
  return side === "town" ? "village" : "town";
}

export function readSide(side: unknown): VariantSide {
  return side === "village" ? "village" : "town";
}

/** 乡村班 · 青山小学 11 人 */
export function variantName(side: unknown, label: unknown): string {
  const words = typeof label === "string" ? label.trim() : "";
  return [sideName(readSide(side)), words].filter(Boolean).join(" · ");
}

/** The indexes at which a pair begins: of two variants of different sides that follow one another. */
export function pairStarts(sides: readonly (VariantSide | null)[]): number[] {
  const starts: number[] = [];
  for (let index = 0; index + 1 < sides.length; index += 1) {
    const [one, other] = [sides[index], sides[index + 1]];
    if (!one || !other || one === other) continue;
    starts.push(index);
    index += 1;
  }
  return starts;
}
