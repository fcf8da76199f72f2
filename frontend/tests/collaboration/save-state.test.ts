import { describe, expect, it } from "vitest";

import {
  BURST_PAUSE,
  FAILED_AFTER,
  SAVING_SHOWN_AFTER,
  allSaved,
  confirmed,
  describe as chip,
  edited,
  found,
  frameSent,
  lineDown,
  lineUp,
  newSaving,
  nextLook,
  type Saving,
} from "../../src/collaboration/save-state";

/** A page whose handshake is done and confirmed at time 0. */
function calmPage(): Saving {
  const opened = { ...newSaving("write"), opened: true, device: "written" as const };
  return confirmed(lineUp(frameSent(opened)), 1, 0);
}

describe("the save chip", () => {
  it("says nothing before the plan is open", () => {
    expect(chip(newSaving("write"), 0)).toEqual({ kind: "opening" });
  });

  it("does not take a connection for a confirmation", () => {
    const connected = lineUp(frameSent({ ...newSaving("write"), opened: true }));
    expect(chip(connected, 60_000)).toEqual({ kind: "opening" });
  });

  it("says saved with the time of the server's confirmation", () => {
    expect(chip(calmPage(), 99)).toEqual({ kind: "saved", time: 0 });
  });

  it("does not flicker: a quick save never shows as saving", () => {
    const typing = frameSent(edited(calmPage(), 1_000));
    expect(chip(typing, 1_000 + SAVING_SHOWN_AFTER - 1)).toEqual({ kind: "saved", time: 0 });
    expect(chip(typing, 1_000 + SAVING_SHOWN_AFTER)).toEqual({ kind: "saving" });
    expect(nextLook(typing, 1_000)).toBe(1_000 + SAVING_SHOWN_AFTER);
  });

  it("becomes saved again only when the frame with the last edit is confirmed", () => {
    let page = frameSent(edited(calmPage(), 1_000));
    page = frameSent(edited(page, 1_200));
    page = confirmed(page, 2, 1_300);
    expect(allSaved(page)).toBe(false);
    page = confirmed(page, 3, 1_400);
    expect(chip(page, 1_400)).toEqual({ kind: "saved", time: 1_400 });
  });

  it("is not fooled by the confirmation of an edit's earlier part", () => {
    let page = frameSent(edited(calmPage(), 1_000));
    page = edited(page, 1_100);
    page = confirmed(page, 2, 1_200);
    expect(page.bursts).toHaveLength(1);
    expect(chip(page, 1_000 + SAVING_SHOWN_AFTER)).toEqual({ kind: "saving" });
  });

  it("counts bursts, not keys", () => {
    let page = lineDown(calmPage());
    for (const time of [0, 300, 900, 900 + BURST_PAUSE + 1]) page = edited(page, time);
    expect(chip({ ...page, device: "written" }, 5_000)).toEqual({ kind: "local", count: 2 });
  });

  it("says local only once the change is on this device", () => {
    const page = edited(lineDown(calmPage()), 1_000);
    expect(chip(page, 1_001)).toEqual({ kind: "saving" });
    expect(chip({ ...page, device: "written" }, 1_010)).toEqual({ kind: "local", count: 1 });
  });

  it("stays saved while the line is down and nothing was changed", () => {
    expect(chip(lineDown(calmPage()), 50_000)).toEqual({ kind: "saved", time: 0 });
  });

  it("says catching up, with the count, until everything made off line is confirmed", () => {
    let page = edited(lineDown(calmPage()), 1_000);
    page = { ...edited(page, 10_000), device: "written" };
    page = lineUp(frameSent(page));
    expect(chip(page, 11_000)).toEqual({ kind: "catching-up", count: 2 });
    expect(chip(confirmed(page, 1, 12_000), 12_000)).toEqual({ kind: "saved", time: 12_000 });
  });

  it("sends again what a broken connection had not confirmed", () => {
    let page = frameSent(edited(calmPage(), 1_000));
    page = lineDown(page);
    expect(page.bursts[0]).toMatchObject({ frame: null, late: true });
    expect(page.sent).toBe(0);
    page = lineUp(frameSent(page));
    expect(chip(page, 1_500)).toEqual({ kind: "catching-up", count: 1 });
  });

  it("tells of changes that an earlier visit left on this device", () => {
    let page: Saving = found({ ...newSaving("write"), opened: true, device: "written" }, 3, 0);
    expect(chip(page, 0)).toEqual({ kind: "local", count: 3 });
    page = confirmed(lineUp(frameSent(page)), 1, 100);
    expect(chip(page, 100)).toEqual({ kind: "saved", time: 100 });
  });

  it("says not saved when neither this device nor the server takes it", () => {
    const offline = edited({ ...lineDown(calmPage()), device: "unwritable" }, 1_000);
    expect(chip(offline, 1_000)).toEqual({ kind: "failed", reason: "not-on-this-device" });
    const online = frameSent(edited({ ...calmPage(), device: "unwritable" }, 1_000));
    expect(chip(online, 1_000)).toEqual({ kind: "saved", time: 0 });
    expect(chip(online, 1_000 + FAILED_AFTER)).toEqual({ kind: "failed", reason: "not-on-this-device" });
  });

  it("says not saved when the server refuses", () => {
    const page = { ...edited(calmPage(), 1_000), refused: true };
    expect(chip(page, 1_000)).toEqual({ kind: "failed", reason: "refused" });
  });

  it("says read-only with the reason, and never drops unsent changes silently", () => {
    expect(chip({ ...calmPage(), access: "read", reason: "archived" }, 0)).toEqual({
      kind: "read-only",
      reason: "archived",
    });
    const taken = { ...edited(lineDown(calmPage()), 1_000), access: "read" as const };
    expect(chip(taken, 1_000)).toEqual({ kind: "failed", reason: "access-lost" });
  });

  it("never says saved while a burst is unconfirmed for long, whatever happens before", () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below;
    let page = calmPage();
    let now = 0;
    for (let step = 0; step < 3_000; step += 1) {
      now += random(900);
      const choice = random(5);
      if (choice === 0) page = edited(page, now);
      else if (choice === 1 && page.online) page = frameSent(page);
      else if (choice === 2 && page.online) page = confirmed(page, Math.min(page.sent, page.confirmed + random(3)), now);
      else if (choice === 3) page = lineDown(page);
      else if (choice === 4 && !page.online) page = lineUp(frameSent(page));
      const shown = chip(page, now);
      const oldest = page.bursts[0];
      if (shown.kind === "saved" && oldest) {
        expect(page.online && now - oldest.since < SAVING_SHOWN_AFTER).toBe(true);
        expect(shown.time).toBeLessThanOrEqual(oldest.since);
      }
    }
  });
});
