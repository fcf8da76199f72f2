import { describe, expect, it } from "vitest";
import { soon } from "../../src/today/countdown";

const starts = new Date("2026-11-23T10:00:00+08:00");
const ends = new Date("2026-11-23T10:40:00+08:00");
const at = (clock: string): string => soon(starts, ends, new Date(`2026-11-23T${clock}+08:00`), "10:00");

describe("the words for the next lesson", () => {
  it.each([
    ["08:00:00", "10:00 开始"],
    ["08:30:00", "10:00 开始，还有 90 分钟"],
    ["09:51:30", "10:00 开始，还有 9 分钟"],
    ["10:00:00", "正在上，还有 40 分钟"],
    ["10:39:30", "正在上，还有 1 分钟"],
    ["10:40:00", "已上完"],
  ])("at %s", (clock, words) => {
    expect(at(clock)).toBe(words);
  });
});
