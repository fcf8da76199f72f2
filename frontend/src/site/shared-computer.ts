/**
 * A computer that others use too. Signing out takes this person's plans off it; whoever rests too long is warned,
 * then signed out. The pages of such a session carry `#shared-computer` (templates/partials/shared_computer.html).
 */
import type { KeptCopy } from "../collaboration/kept-copies";
import { csrfToken } from "../shared/csrf";
import { closeDialog, openDialog } from "./dialogs";

const LAST_ACT = "last-act-on-this-computer";
const SHARED = "shared-computer";
const LOOK_EVERY = 5_000;
const TELL_SERVER_EVERY = 120_000;
const ACTS = ["keydown", "pointerdown", "wheel", "touchstart"];

async function clearCopies(person: number | null): Promise<KeptCopy[]> {
  const { clearLocalCopies } = await import("../collaboration/kept-copies");
  return clearLocalCopies(person);
}

function signOutForm(): HTMLFormElement | null {
  return document.querySelector<HTMLFormElement>("form[data-sign-out]");
}

/** Past the listeners for "submit": everything has been asked. */
function send(form: HTMLFormElement): void {
  HTMLFormElement.prototype.submit.call(form);
}

// ---- signing out ------------------------------------------------------------------------------------------

function list(kept: KeptCopy[], dialog: Element): void {
  const lines = kept.map((copy) => {
    const line = document.createElement("li");
    line.textContent = copy.title || "——";
    return line;
  });
  dialog.querySelector("[data-kept]")?.replaceChildren(...lines);
}

function leaveCleanly(person: number): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!("signOut" in form.dataset)) return;
    event.preventDefault();
    void clearCopies(person).then((kept) => {
      const dialog = document.getElementById("unsent-copies");
      if (kept.length === 0 || !dialog) {
        send(form);
        return;
      }
      list(kept, dialog);
      return openDialog(dialog);
    });
  });
  document.addEventListener("click", (event) => {
    const form = signOutForm();
    if (form && (event.target as Element).closest("[data-sign-out-anyway]")) send(form);
  });
}

// ---- resting ----------------------------------------------------------------------------------------------

export interface Rest {
  idleSeconds: number;
  warningSeconds: number;
  aliveUrl: string;
}

/** All tabs of this computer share the moment of the last act. */
function lastAct(): number {
  try {
    return Number(localStorage.getItem(LAST_ACT)) || 0;
  } catch {
    return 0;
  }
}

function noteAct(now: number): void {
  try {
    localStorage.setItem(LAST_ACT, String(now));
  } catch {
    // without local storage each tab counts for itself
  }
}

/** Returns what stops it. */
export function watchRest(rest: Rest, leave: () => void): () => void {
  const dialog = document.getElementById("rest-warning");
  let here = Date.now();
  let told = here;
  let warned = false;

  const act = (): void => {
    here = Date.now();
    noteAct(here);
    if (here - told < TELL_SERVER_EVERY) return;
    told = here;
    void fetch(rest.aliveUrl, { method: "POST", headers: { "X-CSRFToken": csrfToken() } }).catch(() => undefined);
  };
  const look = (): void => {
    const resting = (Date.now() - Math.max(here, lastAct())) / 1000;
    if (resting >= rest.idleSeconds) {
      clearInterval(timer);
      leave();
      return;
    }
    const shouldWarn = resting >= rest.idleSeconds - rest.warningSeconds;
    if (shouldWarn === warned || !dialog) return;
    warned = shouldWarn;
    void (shouldWarn ? openDialog(dialog) : closeDialog(dialog));
  };

  const noted = (): void => {
    act();
    look();
  };
  const options = { passive: true, capture: true };
  const timer = setInterval(look, LOOK_EVERY);
  noteAct(here);
  for (const kind of ACTS) document.addEventListener(kind, noted, options);
  return () => {
    clearInterval(timer);
    for (const kind of ACTS) document.removeEventListener(kind, noted, options);
  };
}

function leaveAfterRest(person: number, url: string): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  for (const [name, value] of [["csrfmiddlewaretoken", csrfToken()], ["idle", "1"]] as const) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  void clearCopies(person).finally(() => {
    send(form);
  });
}

// ---- start ------------------------------------------------------------------------------------------------

/** The last session here ended without a word (the browser was closed): its copies go now. */
function tidyUp(): void {
  try {
    if (localStorage.getItem(SHARED) === null) return;
    localStorage.removeItem(SHARED);
  } catch {
    return;
  }
  void clearCopies(null);
}

export function startSharedComputer(): void {
  if (document.querySelector(".gate")) tidyUp();
  const marker = document.getElementById("shared-computer");
  if (!marker) return;
  const { person, idleSeconds, warningSeconds, aliveUrl, signOutUrl } = marker.dataset;
  try {
    localStorage.setItem(SHARED, "1");
  } catch {
    // then nothing reminds the next visitor's page to tidy up; signing out still does
  }
  const id = Number(person);
  leaveCleanly(id);
  watchRest(
    { idleSeconds: Number(idleSeconds), warningSeconds: Number(warningSeconds), aliveUrl: aliveUrl ?? "" },
    () => {
      leaveAfterRest(id, signOutUrl ?? "");
    },
  );
}
