import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import type { Transaction } from "@tiptap/pm/state";

/** The markers that list items brought from Word: 一、 （一） ① 1． — and the one that comes after. */

const DIGITS = "一二三四五六七八九";
const ROWS = ["①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇", "甲乙丙丁戊己庚辛壬癸", "가나다라마바사아자차카타파하"];

function chineseValue(text: string): number {
  const [tens, ones] = text.includes("十") ? text.split("十") : ["", text];
  const ten = text.includes("十") ? (tens ? DIGITS.indexOf(tens) + 1 : 1) : 0;
  return ten * 10 + (ones ? DIGITS.indexOf(ones) + 1 : 0);
}

function chinese(value: number): string {
  const ten = Math.floor(value / 10);
  const ones = value % 10 ? DIGITS[(value % 10) - 1]! : "";
  if (!ten) return ones;
  return (ten > 1 ? DIGITS[ten - 1]! : "") + "十" + ones;
}

/** The marker of the next item; a sign without a number stays. */
export function nextMarker(marker: string): string {
  for (const row of ROWS) {
    for (const character of marker) {
      const place = row.indexOf(character);
      if (place >= 0) return row[place + 1] ? marker.replace(character, row[place + 1]!) : marker;
    }
  }
  if (/\d/.test(marker)) return marker.replace(/\d+(?=\D*$)/, (digits) => String(Number(digits) + 1));
  const numeral = /[一二三四五六七八九十]{1,3}/.exec(marker)?.[0];
  if (numeral) {
    const value = chineseValue(numeral) + 1;
    return value < 100 ? marker.replace(numeral, chinese(value)) : marker;
  }
  return marker.replace(/[a-yA-Y](?=[^a-zA-Z]*$)/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 1));
}

/** Moves the numbers on after an item has come in at `pos`, as far as they follow one another. */
export function renumberFrom(tr: Transaction, pos: number): void {
  const $pos = tr.doc.resolve(pos);
  const item = $pos.nodeAfter;
  if (!item?.attrs.marker) return;
  const { level } = item.attrs;
  let marker = String(item.attrs.marker);
  let at = pos + item.nodeSize;
  for (let index = $pos.index() + 1; index < $pos.parent.childCount; index += 1) {
    const next: ProseMirrorNode = $pos.parent.child(index);
    if (next.attrs.kind !== "ordered" || next.attrs.level < level || !next.attrs.marker) return;
    if (next.attrs.level === level) {
      if (next.attrs.marker !== marker) return;
      marker = nextMarker(marker);
      if (marker === next.attrs.marker) return;
      tr.setNodeAttribute(at, "marker", marker);
    }
    at += next.nodeSize;
  }
}
