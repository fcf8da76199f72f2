import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Drafts } from "../../src/review/drafts";

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("what was written is there again, for this version only", () => {
  expect(new Drafts("review-draft:1:7").write("良", "再分层")).toBe(true);
  expect(new Drafts("review-draft:1:7").read()).toMatchObject({ level: "良", opinion: "再分层" });
  expect(new Drafts("review-draft:1:8").read()).toBeNull();
  expect(new Drafts("review-draft:2:7").read()).toBeNull();
});

test("after a month it is forgotten", () => {
  const drafts = new Drafts("review-draft:1:7");
  drafts.write("良", "");
  vi.advanceTimersByTime(29 * 24 * 3600 * 1000);
  expect(drafts.read()).not.toBeNull();
  vi.advanceTimersByTime(2 * 24 * 3600 * 1000);
  expect(drafts.read()).toBeNull();
});

test("what was sent is not offered again, and what nobody can read is none", () => {
  const drafts = new Drafts("review-draft:1:7");
  drafts.write("优", "好");
  drafts.drop();
  expect(drafts.read()).toBeNull();
  localStorage.setItem("review-draft:1:7", "{");
  expect(drafts.read()).toBeNull();
});

test("where the device keeps nothing it says so", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new Error("full");
  });
  expect(new Drafts("review-draft:1:7").write("优", "好")).toBe(false);
});
