"""What a page sends of a selection: the Yjs ids of its first and its last character."""

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from lessons.discussion.operations import About
from lessons.document.anchors import Span
from lessons.models import LessonPlan
from realtime import rooms
from realtime.update import Content, read_update, utf16_length


def span(state: bytes, words: str) -> Span:
    for struct in read_update(state).structs:
        text = str(struct.value)
        if struct.content == Content.STRING and words in text:
            start = struct.clock + utf16_length(text[: text.index(words)])
            first = start + utf16_length(words[0]) - 1  # the second half of a pair is not cut off
            return Span((struct.client, first), (struct.client, start + utf16_length(words) - 1))
    raise AssertionError(f"no text holds {words}")


def about(plan: LessonPlan, words: str) -> About:
    return About([span(rooms.state(plan.document).state, words)], words)


def texts(doc: Doc) -> list[XmlText]:
    """All of a document, in its order."""

    def below(parent: XmlFragment | XmlElement) -> list[XmlText]:
        found: list[XmlText] = []
        for child in parent.children:
            found += [child] if isinstance(child, XmlText) else below(child)  # type: ignore[arg-type]
        return found

    return below(doc.get("default", type=XmlFragment))


def text_with(doc: Doc, words: str) -> tuple[XmlText, int]:
    """The text that holds the words, and where they begin in it, in bytes."""
    for text in texts(doc):
        plain = "".join(piece for piece, _marks in text.diff() if isinstance(piece, str))
        if words in plain:
            return text, len(plain[: plain.index(words)].encode())
    raise AssertionError(f"no text holds {words}")


def delete(plan: LessonPlan, words: str, actor_id: int | None = None) -> None:
    def change(doc: Doc) -> None:
        text, start = text_with(doc, words)
        del text[start : start + len(words.encode())]

    rooms.change(plan.document, change, actor_id=actor_id)


def insert(plan: LessonPlan, before: str, words: str, actor_id: int | None = None) -> None:
    def change(doc: Doc) -> None:
        text, start = text_with(doc, before)
        text.insert(start, words)

    rooms.change(plan.document, change, actor_id=actor_id)
