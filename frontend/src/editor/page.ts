import type { Editor } from "@tiptap/core";
import { t } from "../shared/i18n";
import { toast } from "../shared/toast";
import { openDialog } from "../site/dialogs";
import { openDocument, type SaveState, type SharedPlan } from "../collaboration";
import { PlanDiscussion } from "../discussion/start";
import { createEditor } from "./create";
import type { EditorData } from "./data";
import { setEditable } from "./editable";
import { required } from "./elements";
import type { FindBar } from "./find/find-bar";
import { ACCEPT } from "./images/limits";
import type { Pictures } from "./images/pictures";
import { listenToKeys } from "./keys";
import { startNaming } from "./name-version";
import { Notices } from "./notices";
import { isSharedComputer, Opening } from "./opening";
import { goToPart, Outline } from "./outline";
import { showOrigins } from "./origins";
import { footOnPaper, printOnPaper } from "./paper";
import { closePanels, startPhoneBar } from "./phone-bar";
import { Presence } from "./presence";
import { saveCopy } from "./rescue";
import { SaveChip } from "./save-chip";
import { readSections } from "./sections";
import { Counter } from "./tools/counter";
import { LinkBar } from "./tools/link-bar";
import { Toolbar } from "./tools/toolbar";
import { putOnAgenda } from "./variants/agenda";
import { LabelBar } from "./variants/label-bar";
import { ShownView } from "./variants/view";

const LONGEST_PAINTING = 500;

/** What stays below the bars must know how high they are: the find bar opens, the tools wrap. */
function followBarHeight(): void {
  const bars = required(".editor-top");
  new ResizeObserver(() => {
    document.body.style.setProperty("--editor-top", `${bars.offsetHeight}px`);
  }).observe(bars);
}

/** Once the text is on the screen; a hidden page, which draws nothing, does not wait for ever. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LONGEST_PAINTING);
    requestAnimationFrame(() => {
      setTimeout(resolve);
    });
  });
}

/** The page of one lesson plan: opens the shared document, then puts the parts together. */
export class EditorPage {
  private readonly shared: SharedPlan;
  private readonly chip: SaveChip;
  private readonly discussion: PlanDiscussion;
  private findBar: Promise<FindBar> | null = null;

  constructor(private readonly data: EditorData) {
    this.shared = openDocument(data);
    this.discussion = new PlanDiscussion(data);
    this.chip = new SaveChip(required("#save"), this.shared.saveState, (state, meaning) => {
      this.onChip(state, meaning);
    },
    );
    new Presence(required("#people"), this.shared.people, (id) => {
      this.discussion.showPerson(id);
    });
    followBarHeight();
    window.addEventListener("pagehide", (event) => {
      if (!event.persisted) this.shared.destroy();
    });
  }

  async start(): Promise<void> {
    const opening = new Opening(required("#opening"), this.shared);
    const { editor, pictures, show } = createEditor(this.data, this.shared, this.discussion.options);
    await this.shared.whenReady;
    opening.done();
    show(required("#editor"));
    const ways = new ShownView(editor, this.data.user);
    new Notices(required("#notices"), this.shared, () => this.title(editor));
    this.followRight(editor);
    this.followTitle(editor);
    await painted();
    this.connectTools(editor, pictures, ways);
    this.discussion.attach(editor, this.shared);
    this.goToHash(editor);
    if (this.data.urls.origins) void showOrigins(editor, this.data.urls.origins);
  }

  private onChip(state: SaveState, meaning: string): void {
    if (state.kind === "failed") saveCopy(this.shared.text(), document.title);
    else toast(meaning);
  }

  /**
   * A reader sees no tools, who was put out no text, nor does who comes after somebody that signed out on a shared
   * computer; the right can change while the page is open.
   */
  private followRight(editor: Editor): void {
    const follow = () => {
      if (editor.isDestroyed) return;
      const writable = this.shared.writable.get();
      const { access, ending } = this.shared.status.get();
      const left = ending === "signed-out" && isSharedComputer();
      document.body.classList.toggle("is-reader", !writable);
      document.body.classList.toggle("is-put-out", access === "none" || left);
      if (left) editor.destroy();
      else setEditable(editor, writable);
    };
    this.shared.status.subscribe(follow);
    this.shared.writable.subscribe(follow);
    follow();
  }

  private title(editor: Editor): string {
    let title = "";
    editor.state.doc.firstChild?.forEach((field) => {
      if (field.attrs.key === "title") title = field.textContent.trim();
    });
    return title || this.data.title;
  }

  private followTitle(editor: Editor): void {
    const place = required("#plan-title");
    const rest = document.title.slice(document.title.lastIndexOf(" · "));
    const follow = () => {
      const title = this.title(editor) || t("没写课题");
      if (place.textContent === title) return;
      place.textContent = title;
      document.title = title + rest;
    };
    editor.on("update", follow);
    follow();
  }

  private connectTools(editor: Editor, pictures: Pictures, ways: ShownView): void {
    const bars = required("#edit-bars");
    const tools = required("#tools");
    const link = new LinkBar(editor, bars);
    const label = new LabelBar(editor, this.data.user, bars);
    const openers = {
      find: () => void this.openFind(editor),
      link: () => {
        link.open();
      },
      image: () => {
        this.choosePictures(pictures);
      },
      "variant-label": () => {
        label.open();
      },
      "variant-agenda": () => {
        putOnAgenda(editor, this.data.urls.agenda, this.shared.saveState.get());
      },
      print: () => {
        printOnPaper(true);
      },
      "print-plain": () => {
        printOnPaper(false);
      },
      help: () => void openDialog(required("#keys-dialog")),
      comment: () => {
        // once the press has closed the panel that it came from
        setTimeout(() => {
          this.discussion.write();
        });
      },
    };
    new Toolbar(editor, tools, openers);
    new Counter(editor, required("#count"));
    startPhoneBar(required("#phone-bar"));
    new Outline(editor, required("#outline-list"), this.shared.people, closePanels);
    listenToKeys({
      save: () => {
        toast(this.chip.meaning);
      },
      find: openers.find,
      link: openers.link,
      help: openers.help,
      comment: openers.comment,
      thread: (step) => {
        this.discussion.step(step);
      },
      section: (index) => {
        const section = readSections(editor.state.doc)[index - 1];
        if (section) goToPart(editor, section.pos);
      },
      ways: () => {
        ways.next();
      },
      cycle: (step) => {
        this.cycle(editor, step);
      },
    });
    startNaming(this.data, this.shared.saveState);
    footOnPaper(this.data, () => ways.onPaper);
  }

  private async openFind(editor: Editor): Promise<void> {
    this.findBar ??= import("./find/find-bar").then(({ FindBar }) => new FindBar(editor, required("#edit-bars")))
    ;(await this.findBar).open();
  }

  private choosePictures(pictures: Pictures): void {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ACCEPT;
    input.multiple = true;
    input.addEventListener("change", () => {
      pictures.insert([...(input.files ?? [])]);
    });
    input.click();
  }

  /** F6: outline → plan → margin → bar. */
  private cycle(editor: Editor, step: 1 | -1): void {
    const regions = ["#outline-list", "#editor", "#side", "#docbar"]
      .map((selector) => document.querySelector<HTMLElement>(selector))
      .filter((region) => region !== null && region.offsetParent !== null && region.hasChildNodes());
    const at = regions.findIndex((region) => region?.contains(document.activeElement));
    const next = regions[(at + step + regions.length) % regions.length];
    if (!next) return;
    if (next.id === "editor") editor.view.focus();
    else (next.querySelector<HTMLElement>("[aria-current]") ?? next.querySelector<HTMLElement>("a, button"))?.focus();
  }

  private goToHash(editor: Editor): void {
    const key = decodeURIComponent(location.hash.slice(1));
    const section = readSections(editor.state.doc).find((one) => one.key === key);
    if (section) goToPart(editor, section.pos);
  }
}
