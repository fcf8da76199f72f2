import { Connection } from "../collaboration/connection";
import { followFrame, readTopicFrame, unfollowFrame, type TopicEvent, type TopicMessage, type TopicRefusal } from "./protocol";

/** A page that opens a document does so by then; its socket carries the topics too. */
const WAIT_FOR_DOCUMENT = 1_000;

export interface TopicListener {
  /** Each event once, in order. */
  event(event: TopicEvent): void;
  /** We were away for longer than events are kept: load what they tell of anew, and follow again from there. */
  reset(): void;
  /** The topic is followed no longer. */
  refused(reason: TopicRefusal): void;
}

export interface TopicLine {
  readonly isOpen: boolean;
  send(frame: Uint8Array): boolean;
  /** Breaks the line off, to be opened again. */
  lineCut(): void;
}

interface Following {
  /** Everything up to this number has arrived. */
  cursor: number;
  listener: TopicListener;
  /** We have asked and heard nothing yet. */
  asked: boolean;
}

/** The topics that a page follows: over the socket of its document, or over one of its own while there is none. */
export class Topics {
  private readonly following = new Map<string, Following>();
  private line: TopicLine | null = null;
  private own: Connection | null = null;
  private ownTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly open?: (url: string) => WebSocket) {}

  /** `after`: the cursor that came with the page. One follower for each topic; returns the function that ends it. */
  follow(topic: string, after: number, listener: TopicListener): () => void {
    if (this.following.has(topic)) throw new Error(`${topic} is followed already`);
    const following: Following = { cursor: after, listener, asked: false };
    this.following.set(topic, following);
    this.ask(topic, following);
    if (this.line === null) this.openOwnLater(WAIT_FOR_DOCUMENT);
    return () => {
      if (this.following.get(topic) !== following) return;
      this.line?.send(unfollowFrame(topic));
      this.forget(topic);
    };
  }

  // ---- lines ---------------------------------------------------------------------------------------------

  /** The socket of a document is there, or will be: it carries the topics from now on. */
  provide(line: TopicLine): void {
    this.closeOwn();
    this.line = line;
    this.opened(line);
  }

  /** The document is closed. */
  withdraw(line: TopicLine): void {
    if (this.line !== line) return;
    this.line = null;
    if (this.following.size > 0) this.openOwnLater(0);
  }

  opened(line: TopicLine): void {
    if (line !== this.line) return;
    for (const [topic, following] of this.following) this.ask(topic, following);
  }

  received(line: TopicLine, frame: Uint8Array): void {
    if (line !== this.line) return;
    let message: TopicMessage;
    try {
      message = readTopicFrame(frame);
    } catch {
      line.lineCut();
      return;
    }
    this.take(message);
  }

  private openOwnLater(delay: number): void {
    this.ownTimer ??= setTimeout(() => {
      this.openOwn();
    }, delay);
  }

  private openOwn(): void {
    this.ownTimer = undefined;
    const url = new URL("/ws/topics/", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const own = new Connection({
      url: url.href,
      open: this.open,
      events: {
        opened: () => {
          this.opened(own);
        },
        received: (frame) => {
          this.received(own, frame);
        },
        lost: () => undefined,
      },
    });
    this.own = this.line = own;
    window.addEventListener("online", this.hurry);
    window.addEventListener("pageshow", this.hurry);
    own.start();
  }

  private closeOwn(): void {
    clearTimeout(this.ownTimer);
    this.ownTimer = undefined;
    if (this.own === null) return;
    window.removeEventListener("online", this.hurry);
    window.removeEventListener("pageshow", this.hurry);
    this.own.stop();
    if (this.line === this.own) this.line = null;
    this.own = null;
  }

  private readonly hurry = (): void => {
    this.own?.hurry();
  };

  // ---- what is said ----------------------------------------------------------------------------------------

  private ask(topic: string, following: Following): void {
    following.asked = this.line?.isOpen === true && this.line.send(followFrame(topic, following.cursor));
  }

  private take(message: TopicMessage): void {
    const following = this.following.get(message.topic);
    if (following === undefined) return;
    const { listener } = following;
    switch (message.type) {
      case "events":
        this.takeEvents(message.topic, following, message);
        break;
      case "reset":
        this.forget(message.topic);
        guarded(() => {
          listener.reset();
        });
        break;
      case "refused":
        this.forget(message.topic);
        guarded(() => {
          listener.refused(message.reason);
        });
        break;
    }
  }

  private takeEvents(topic: string, following: Following, page: TopicMessage & { type: "events" }): void {
    if (page.after > following.cursor) {
      // said before the server heard what we asked last; should it ever say so by itself, ask again
      if (!following.asked) this.ask(topic, following);
      return;
    }
    following.asked = false;
    for (const event of page.events) {
      if (event.number <= following.cursor) continue;
      following.cursor = event.number;
      guarded(() => {
        following.listener.event(event);
      });
      if (this.following.get(topic) !== following) return;
    }
    following.cursor = Math.max(following.cursor, page.through);
    if (page.more) this.ask(topic, following);
  }

  private forget(topic: string): void {
    this.following.delete(topic);
    if (this.following.size === 0) this.closeOwn();
  }
}

/** A listener that fails must not keep the others from theirs. */
function guarded(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    console.error(error);
  }
}
