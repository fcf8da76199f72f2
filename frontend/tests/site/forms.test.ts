import { beforeAll, beforeEach, expect, test } from "vitest";
import { startForms } from "../../src/site/forms";

beforeAll(startForms);

beforeEach(() => {
  document.body.innerHTML = `<form method="post"><input id="word" type="password"><button type="submit">登录</button></form>
    <button type="button" data-shows-password="word" aria-pressed="false">显示</button>`;
});

function send(): Event {
  const event = new Event("submit", { bubbles: true, cancelable: true });
  document.querySelector("form")!.dispatchEvent(event);
  return event;
}

test("a form is sent once: the button says that it is busy, and a second press does nothing", () => {
  expect(send().defaultPrevented).toBe(false);
  expect(document.querySelector("[type=submit]")!.getAttribute("aria-busy")).toBe("true");
  expect(send().defaultPrevented).toBe(true);
});

test("coming back to the page makes the button usable again", () => {
  send();
  window.dispatchEvent(new Event("pageshow"));
  expect(document.querySelector("[type=submit]")!.hasAttribute("aria-busy")).toBe(false);
  expect(send().defaultPrevented).toBe(false);
});

test("a form that a script sends itself is not marked busy", () => {
  document.querySelector("form")!.addEventListener("submit", (event) => {
    event.preventDefault();
  });
  send();
  expect(document.querySelector("[type=submit]")!.hasAttribute("aria-busy")).toBe(false);
});

test("the password can be looked at and hidden again", () => {
  const button = document.querySelector<HTMLElement>("[data-shows-password]")!;
  const input = document.querySelector<HTMLInputElement>("#word")!;
  button.click();
  expect([input.type, button.getAttribute("aria-pressed")]).toEqual(["text", "true"]);
  button.click();
  expect([input.type, button.getAttribute("aria-pressed")]).toEqual(["password", "false"]);
});

test("a choice that sends its form sends it by the button", () => {
  document.body.innerHTML = `<form method="get"><select data-sends><option>1</option></select><button>找</button></form>`;
  let sent = 0;
  document.querySelector("form")!.addEventListener("submit", (event) => {
    event.preventDefault();
    sent += 1;
  });
  document.querySelector("select")!.dispatchEvent(new Event("change", { bubbles: true }));
  expect(sent).toBe(1);
});

test("a guarded form asks before what was typed is left behind, and not once it is sent", () => {
  const leave = (): boolean => window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const form = document.querySelector("form")!;
  document.querySelector("#word")!.dispatchEvent(new Event("input", { bubbles: true }));
  expect(leave()).toBe(true);
  form.dataset["guarded"] = "";
  document.querySelector("#word")!.dispatchEvent(new Event("input", { bubbles: true }));
  expect(leave()).toBe(false);
  send();
  expect(leave()).toBe(true);
});
