import "./world";

import type { Editor } from "@tiptap/core";

import { openDocument, type SharedPlan } from "../../../src/collaboration";
import { createEditor } from "../../../src/editor/create";
import { actAs } from "./world";

const OPENING_LIMIT = 15_000;

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
  who: Who;
  shared: SharedPlan;
  editor: Editor;
  online: boolean;
  composing: boolean;
}

export function planData(plan: PlanPlace, who: Who, base: string): Parameters<typeof createEditor>[1] {
  return {
    id: plan.id,
    title: plan.title,
    socket: new URL(plan.socket, base).href,
    schema: 1,
    access: "write",
    canManage: false,
    user: { id: who.id, name: who.name, colour: 1, school: "", side: "" },
    hints: {},
    facts: { subject: "", book: "", edition: "", unit: "" },
    urls: { list: "", sharing: "", versions: "", compare: "", upload: "", nameVersion: "", file: "/files/{id}/" },
  };
}

/** The project's own editor on the project's own provider. */
export async function enter(name: string, plan: PlanPlace, who: Who, base: string): Promise<Writer> {
  const data = planData(plan, who, base);
  actAs(who.session, base);
  const shared = openDocument(data);
  const opened = await Promise.race([
    shared.whenReady.then(() => true),
    new Promise((resolve) => setTimeout(resolve, OPENING_LIMIT)),
  ]);
  if (opened !== true) throw new Error(`the plan did not open: ${JSON.stringify(shared.status.get())}`);
  const place = document.createElement("div");
  document.body.append(place);
  const { editor } = createEditor(place, data, shared);
  editor.on("contentError", ({ error }) => {
    console.error("content error", error.message);
  });
  return { name, who, shared, editor, online: true, composing: false };
}

export function leave(writer: Writer): void {
  writer.editor.destroy();
  writer.shared.destroy();
}

/** The line breaks, or comes back, as the browser would tell it. */
export function setOnline(writer: Writer, online: boolean, base: string): void {
  writer.online = online;
  const connection = (writer.shared as unknown as { connection: { start(): void; stop(): void } }).connection;
  const session = (writer.shared as unknown as { session: { lost(verdict: string, retrying: boolean): void } }).session;
  if (online) {
    actAs(writer.who.session, base);
    connection.start();
  } else {
    connection.stop();
    session.lost("retry", true);
  }
}
