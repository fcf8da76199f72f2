import "./world";

import type { Editor } from "@tiptap/core";

import { openDocument, type SharedPlan } from "../../../src/collaboration";
import { createEditor } from "../../../src/editor/create";
import { SCHEMA_VERSION } from "../../../src/generated/contracts";
import { signIn } from "./world";

const OPENING_LIMIT = 30_000;

export interface Who {
  id: number;
  name: string;
  session: string;
}

export interface PlanPlace {
  id: string;
  title: string;
  socket: string;
}

export interface Writer {
  name: string;
  shared: SharedPlan;
  editor: Editor;
  /** dead: nothing comes or goes, but the page has not noticed. */
  line: "on" | "dead" | "off";
  /** The raw letters of the input method, "" when none is at work. */
  composing: string;
}

function planData(plan: PlanPlace, who: Who, base: string): Parameters<typeof createEditor>[0] {
  return {
    id: plan.id,
    title: plan.title,
    socket: new URL(`${plan.socket}?as=${who.id}`, base).href,
    schema: SCHEMA_VERSION,
    access: "write",
    canManage: false,
    user: { id: who.id, name: who.name, colour: 1, school: "", side: "" },
    hints: {},
    facts: { subject: "", book: "", edition: "", unit: "" },
    urls: { list: "", sharing: "", versions: "", compare: "", upload: "", nameVersion: "", threads: "", file: "/files/{id}/" },
  };
}

/** The project's own editor on the project's own provider. */
export async function enter(name: string, plan: PlanPlace, who: Who, base: string): Promise<Writer> {
  const data = planData(plan, who, base);
  signIn(who.id, who.session);
  const shared = openDocument(data);
  await opened(shared);
  const place = document.createElement("div");
  document.body.append(place);
  const { editor, show } = createEditor(data, shared);
  show(place);
  editor.on("update", () => {
    try {
      editor.state.doc.check();
    } catch (error) {
      console.error("content error", error);
    }
  });
  return { name, shared, editor, line: "on", composing: "" };
}

async function opened(shared: SharedPlan): Promise<void> {
  let ready = false;
  void shared.whenReady.then(() => (ready = true));
  await until(() => ready, OPENING_LIMIT, () => {
    hurry(shared);
  });
  if (!ready) throw new Error(`the plan did not open: ${JSON.stringify(shared.status.get())}`);
}

/** As the page does when the browser says that it is on line again. */
export function hurry(shared: SharedPlan): void {
  if (shared.status.get().line !== "online") shared.reconnect();
}

export function leave(writer: Writer): void {
  writer.editor.destroy();
  writer.shared.destroy();
}

interface Insides {
  connection: { start(): void; stop(): void; socket: { dead: boolean } | null };
  session: { lost(verdict: string, retrying: boolean): void; incoming: { waiting: unknown[] } };
}

const insides = (writer: Writer): Insides => writer.shared as unknown as Insides;

/** How many remote changes wait for the input method. */
export const heldChanges = (writer: Writer): number => insides(writer).session.incoming.waiting.length;

export function goOffline(writer: Writer): void {
  writer.line = "off";
  const { connection, session } = insides(writer);
  connection.stop();
  session.lost("retry", true);
}

export function goOnline(writer: Writer): void {
  writer.line = "on";
  insides(writer).connection.start();
}

export function loseLine(writer: Writer): void {
  const { socket } = insides(writer).connection;
  if (socket === null) return;
  socket.dead = true;
  writer.line = "dead";
}

export async function until(test: () => boolean, milliseconds: number, meanwhile?: () => void): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  let next = Date.now() + 500;
  while (!test()) {
    if (Date.now() > deadline) return false;
    if (Date.now() > next) {
      meanwhile?.();
      next += 500;
    }
    await pause(10);
  }
  return true;
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
