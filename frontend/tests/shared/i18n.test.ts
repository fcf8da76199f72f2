import { afterEach, expect, test } from "vitest";
import { t, useCatalogue } from "../../src/shared/i18n";

afterEach(() => {
  useCatalogue({});
});

test("without a catalogue the Chinese text is shown", () => {
  expect(t("正在保存…")).toBe("正在保存…");
});

test("values are put in, and an unknown name stays readable", () => {
  expect(t("存在本机，{count} 处没传", { count: 3 })).toBe("存在本机，3 处没传");
  expect(t("{who} 写的")).toBe("{who} 写的");
});

test("a translation keeps its values", () => {
  useCatalogue({ "存在本机，{count} 处没传": "{count} changes kept on this device" });
  expect(t("存在本机，{count} 处没传", { count: 3 })).toBe("3 changes kept on this device");
});
