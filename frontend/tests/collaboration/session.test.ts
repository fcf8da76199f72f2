import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { readMessage, step1Frame, step2Frame, updateFrame } from "../../src/collaboration/protocol";
import { Session } from "../../src/collaboration/session";
import type { Access } from "../../src/collaboration/types";

function statusFrame(access: Access, reason = ""): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 17);
  encoding.writeVarString(encoder, JSON.stringify({ access, reason, user: { id: 1, name: "王", colour: 1, school: "", side: "" } }));
  return encoding.toUint8Array(encoder);
}

function durableFrame(frames: number): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 16);
  encoding.writeVarUint(encoder, frames);
  encoding.writeVarUint8Array(encoder, new Uint8Array([0]));
  return encoding.toUint8Array(encoder);
}

describe("a session", () => {
  let doc: Y.Doc;
  let awareness: Awareness;
  let frames: Uint8Array[];
  let backlog: number;
  let events: string[];
  let session: Session;
  const server = new Y.Doc();

  /** The frames that carry content, as [type, what the document says after them]. */
  const content = () => frames.map(readMessage).filter(({ type }) => type === "step2" || type === "update");
  const handshake = (access: Access = "write"): void => {
    session.opened(false);
    session.received(statusFrame(access));
    session.received(step1Frame(Y.encodeStateVector(server)));
  };
  const textAfter = (messages: ReturnType<typeof content>): string => {
    const copy = new Y.Doc();
    for (const message of messages) if ("update" in message) Y.applyUpdate(copy, message.update);
    return copy.getText("t").toJSON();
  };
  const type = (text: string): void => {
    doc.getText("t").insert(doc.getText("t").length, text);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    doc = new Y.Doc();
    awareness = new Awareness(doc);
    frames = [];
    events = [];
    backlog = 0;
    const line = {
      send: (frame: Uint8Array) => frames.push(frame) > 0,
      get backlog() {
        return backlog;
      },
      lineCut: () => events.push("cut"),
    };
    session = new Session(doc, awareness, line, {
      status: (access, reason) => events.push(`status ${access}${reason}`),
      remote: () => undefined,
      ready: () => events.push("ready"),
      caughtUp: () => events.push("caught up"),
      contentSent: () => events.push("sent"),
      durable: (count) => events.push(`durable ${count}`),
      lost: () => events.push("lost"),
    });
  });

  afterEach(() => {
    session.destroy();
    awareness.destroy();
    vi.useRealTimers();
  });

  it("sends nothing before the server has stated the right", () => {
    session.opened(false);
    type("早");
    expect(frames).toEqual([]);
  });

  it("answers the server's state with everything it lacks before any update", async () => {
    session.opened(false);
    session.received(statusFrame("write"));
    type("春天");
    await Promise.resolve();
    expect(content()).toEqual([]);
    session.received(step1Frame(Y.encodeStateVector(server)));
    type("来了");
    await vi.advanceTimersByTimeAsync(500);
    expect(content().map((message) => message.type)).toEqual(["step2", "update"]);
    const copy = new Y.Doc();
    for (const message of content()) if ("update" in message) Y.applyUpdate(copy, message.update);
    expect(copy.getText("t").toJSON()).toBe("春天来了");
  });

  it("asks for what it lacks, unless the line has asked for everything", () => {
    const asks = () => frames.map(readMessage).filter((message) => message.type === "step1").length;
    session.opened(true);
    session.received(statusFrame("write"));
    expect(asks()).toBe(0);
    session.lost("retry", true);
    session.opened(false);
    session.received(statusFrame("write"));
    expect(asks()).toBe(1);
  });

  it("counts every frame with content", async () => {
    handshake();
    type("一");
    await vi.advanceTimersByTimeAsync(500);
    expect(events).toEqual(["status write", "sent", "ready", "sent"]);
  });

  it("merges what is typed while the last frame is on its way", async () => {
    handshake();
    for (const letter of "一二三四五六") type(letter);
    expect(content()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(content()).toHaveLength(2);
  });

  it("sends the first change after a pause at once", async () => {
    handshake();
    await vi.advanceTimersByTimeAsync(5_000);
    type("一");
    await Promise.resolve();
    expect(content()).toHaveLength(2);
  });

  it("waits longer while the browser has not got rid of the last frames", async () => {
    handshake();
    await vi.advanceTimersByTimeAsync(5_000);
    backlog = 100_000;
    type("一");
    await vi.advanceTimersByTimeAsync(200);
    expect(content()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(content()).toHaveLength(2);
  });

  it("sends no content of a reader", async () => {
    handshake("read");
    type("不许");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(content()).toEqual([]);
  });

  it("counts as on line for a reader once the content is there, though nothing is asked of them", () => {
    session.opened(false);
    session.received(statusFrame("read"));
    expect(events).not.toContain("ready");
    session.received(step2Frame(Y.encodeStateAsUpdate(server)));
    expect(events).toContain("ready");
  });

  it("sends again what a lost connection swallowed, with what was done since", async () => {
    handshake();
    type("丢");
    await vi.advanceTimersByTimeAsync(500);
    session.lost("retry", true);
    type("不了");
    frames = [];
    handshake();
    expect(content()).toHaveLength(1);
    expect(textAfter(content())).toBe("丢不了");
  });

  it("does not send again what was confirmed", async () => {
    handshake();
    type("存了");
    await vi.advanceTimersByTimeAsync(500);
    session.received(durableFrame(2));
    const stored = Y.encodeStateVector(doc);
    session.lost("retry", true);
    frames = [];
    session.opened(false);
    session.received(statusFrame("write"));
    session.received(step1Frame(stored));
    expect(content().map((message) => "update" in message && message.update)).toEqual([new Uint8Array([0, 0])]);
  });

  it("keeps what it typed although a removal by someone else reached the document first", async () => {
    const paragraph = new Y.XmlElement("paragraph");
    paragraph.insert(0, [new Y.XmlText()]);
    const shared = doc.getXmlFragment("default");
    shared.insert(0, [paragraph]);
    handshake();
    session.received(durableFrame(1));
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    (paragraph.get(0) as Y.XmlText).insert(0, "还没到");
    await vi.advanceTimersByTimeAsync(500);
    other.getXmlFragment("default").delete(0, 1);
    session.received(updateFrame(Y.encodeStateAsUpdate(other)));
    expect(shared.length).toBe(0);
    session.lost("retry", true);
    frames = [];
    session.opened(false);
    session.received(statusFrame("write"));
    session.received(step1Frame(Y.encodeStateVector(other)));
    const [again] = content();
    expect(again && "update" in again && Buffer.from(again.update).toString()).toContain("还没到");
  });

  it("sends the whole difference when the server went back in time", () => {
    handshake();
    type("备份之后写的");
    session.received(durableFrame(2));
    session.flush();
    session.received(durableFrame(2));
    session.lost("retry", true);
    frames = [];
    handshake();
    expect(textAfter(content())).toBe("备份之后写的");
  });

  it("answers again when the server asks again, and then has nothing left to send", async () => {
    handshake();
    type("补");
    session.received(step1Frame(Y.encodeStateVector(server)));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(content().map((message) => message.type)).toEqual(["step2", "step2"]);
  });

  it("applies what others write and does not send it back", async () => {
    handshake();
    const other = new Y.Doc();
    other.getText("t").insert(0, "别人写的");
    session.received(updateFrame(Y.encodeStateAsUpdate(other)));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(doc.getText("t").toJSON()).toBe("别人写的");
    expect(content()).toHaveLength(1);
  });

  it("lets remote changes wait while an input method composes, and loses none", () => {
    handshake();
    const other = new Y.Doc();
    const updates: Uint8Array[] = [];
    other.on("update", (update: Uint8Array) => updates.push(update));
    session.hold(true);
    for (const letter of "一二三") other.getText("t").insert(other.getText("t").length, letter);
    for (const update of updates) session.received(updateFrame(update));
    session.received(durableFrame(1));
    expect(doc.getText("t").toJSON()).toBe("");
    expect(events).toContain("durable 1");
    session.hold(false);
    expect(doc.getText("t").toJSON()).toBe("一二三");
  });

  it("asks the server again for changes that were waiting when the line was lost", () => {
    handshake();
    const other = new Y.Doc();
    other.getText("t").insert(0, "等着");
    session.hold(true);
    session.received(updateFrame(Y.encodeStateAsUpdate(other)));
    session.lost("retry", true);
    session.hold(false);
    // applied now, a removal in it could take along what has not been sent
    expect(doc.getText("t").toJSON()).toBe("");
    frames = [];
    handshake();
    const [question] = frames.map(readMessage).filter((message) => message.type === "step1");
    expect(question && "stateVector" in question && [...Y.decodeStateVector(question.stateVector).keys()]).toEqual([]);
  });

  it("takes no content and asks for none when the page is older than the plan", () => {
    const other = new Y.Doc();
    other.getText("t").insert(0, "新格式");
    session.opened(false);
    session.received(statusFrame("read", "schema"));
    session.received(step1Frame(Y.encodeStateVector(other)));
    session.received(step2Frame(Y.encodeStateAsUpdate(other)));
    expect(doc.getText("t").toJSON()).toBe("");
    expect(events).not.toContain("caught up");
    expect(frames).toEqual([]);
  });

  it("breaks off a line that brings bytes it cannot read", () => {
    handshake();
    session.received(new Uint8Array([0, 2, 200]));
    expect(events).toContain("cut");
  });

  it("tells at most one cursor in a while, the latest one", async () => {
    handshake();
    frames = [];
    for (let step = 0; step < 20; step += 1) awareness.setLocalStateField("section", String(step));
    await vi.advanceTimersByTimeAsync(1_000);
    const told = frames.map(readMessage).filter((message) => message.type === "awareness");
    expect(told.length).toBeLessThanOrEqual(2);
    const last = told[told.length - 1]!;
    const decoder = decoding.createDecoder("update" in last ? last.update : new Uint8Array());
    decoding.readVarUint(decoder);
    decoding.readVarUint(decoder);
    decoding.readVarUint(decoder);
    expect(JSON.parse(decoding.readVarString(decoder))).toMatchObject({ section: "19" });
  });

  it("forgets the others' cursors when the line is lost", () => {
    handshake();
    awareness.states.set(99, { section: "goals" });
    awareness.meta.set(99, { clock: 1, lastUpdated: Date.now() });
    session.lost("retry", true);
    expect([...awareness.getStates().keys()]).toEqual([doc.clientID]);
  });
});
