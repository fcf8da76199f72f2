import { describe, expect, it, vi } from "vitest";
import { refusal } from "../../src/editor/images/limits";
import { meaningOf, type PageKeys } from "../../src/editor/keys";
import { safeAddress } from "../../src/editor/marks/link";
import { chipFor, SaveChip } from "../../src/editor/save-chip";
import type { SaveState } from "../../src/collaboration";
import { createStore } from "../../src/shared/store";

describe("the save chip", () => {
  const at = new Date(2026, 10, 24, 9, 41, 7).getTime();

  it.each<[SaveState, string]>([
    [{ kind: "saved", time: at }, "已保存 9:41:07"],
    [{ kind: "saving" }, "正在保存…"],
    [{ kind: "local", count: 3 }, "存在本机，3 处没传"],
    [{ kind: "catching-up", count: 3 }, "连上了，正在补传 3 处"],
    [{ kind: "failed", reason: "not-on-this-device" }, "没存住，请点这里"],
    [{ kind: "read-only", reason: "" }, "只能看"],
  ])("says %o as “%s”", (state, words) => {
    expect(chipFor(state).text).toBe(words);
  });

  it("says why a plan can only be read", () => {
    expect(chipFor({ kind: "read-only", reason: "schema" }).meaning).toContain("刷新");
    expect(chipFor({ kind: "read-only", reason: "archived" }).meaning).toContain("归档");
  });

  it("changes the words inside one live region", () => {
    const chip = document.createElement("button");
    const state = createStore<SaveState>({ kind: "opening" });
    new SaveChip(chip, state, vi.fn());
    const region = chip.querySelector("[role=status]");
    state.set({ kind: "local", count: 1 });
    expect(chip.querySelector("[role=status]")).toBe(region);
    expect(region?.textContent).toBe("存在本机，1 处没传");
    expect(chip.className).toContain("save-local");
  });
});

describe("keys of the page", () => {
  const keys = (): PageKeys => ({
    save: vi.fn(),
    find: vi.fn(),
    link: vi.fn(),
    help: vi.fn(),
    section: vi.fn(),
    ways: vi.fn(),
    cycle: vi.fn(),
    comment: vi.fn(),
    thread: vi.fn(),
  });

  it.each([
    [{ key: "s", ctrlKey: true }, "save"],
    [{ key: "F", metaKey: true }, "find"],
    [{ key: "k", ctrlKey: true }, "link"],
    [{ key: "?" }, "help"],
    [{ key: "3", code: "Digit3", ctrlKey: true, altKey: true }, "section"],
    [{ key: "v", code: "KeyV", ctrlKey: true, altKey: true }, "ways"],
    [{ key: "F6" }, "cycle"],
  ] as const)("%o means %s", (event, meaning) => {
    const found = keys();
    meaningOf(new KeyboardEvent("keydown", event), found)?.();
    expect(found[meaning]).toHaveBeenCalledOnce();
  });

  it("leaves “?” alone while somebody types", () => {
    const input = document.createElement("input");
    document.body.append(input);
    let meaning: unknown = "not asked";
    input.addEventListener("keydown", (event) => {
      meaning = meaningOf(event, keys());
    });
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "?" }));
    expect(meaning).toBeNull();
  });
});

describe("pictures", () => {
  const file = (type: string, size: number) => {
    const made = new File(["x"], "图.png", { type });
    Object.defineProperty(made, "size", { value: size });
    return made;
  };

  it("are refused with the reason when they are no picture or too large", () => {
    expect(refusal(file("image/png", 1000))).toBeNull();
    expect(refusal(file("image/svg+xml", 1000))).toContain("PNG");
    expect(refusal(file("image/jpeg", 30 * 1024 * 1024))).toContain("30.0 MB");
    expect(refusal(file("image/jpeg", 0))).toContain("空");
  });
});

describe("addresses of links", () => {
  it.each([
    ["https://example.org", "https://example.org"],
    ["example.org/a", "https://example.org/a"],
    ["/plans/", "/plans/"],
    ["javascript:alert(1)", null],
    ["//evil.example", null],
    ["data:text/html,x", null],
    ["春天", null],
  ])("%s becomes %s", (typed, address) => {
    expect(safeAddress(typed)).toBe(address);
  });
});
