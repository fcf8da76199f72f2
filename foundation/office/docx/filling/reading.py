"""What a form asks for and where, and what is wrong with it: said so that a teacher finds the place in Word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError, nodes

from foundation.office.docx.filling.grammar import DEEPEST_LOOP, LOOP, Grammar, NotAllowed
from foundation.office.docx.filling.names import Names
from foundation.office.docx.filling.safety import W, checked
from foundation.office.docx.reading.package import Package
from foundation.office.docx.reading.xml import Element
from foundation.office.message import Message, gettext_noop, message

TOKEN = re.compile(r"\{\{(?P<value>.*?)\}\}|\{%(?P<order>.*?)%\}|\{#.*?#\}", re.DOTALL)
LEVELS = ("tr", "tc", "p")
FOR = re.compile(r"for\s+(\w+)\s+in\s+(\w+)$")
QUOTES = str.maketrans("“”‘’", "\"\"''")
MOST = 2_000


@dataclass(frozen=True)
class Placeholder:
    text: str
    place: Message


@dataclass(frozen=True)
class Problem:
    placeholder: str
    place: Message
    message: Message


@dataclass(frozen=True)
class Checked:
    names: tuple[str, ...]
    """Those it asks for, in their order."""
    problems: tuple[Problem, ...]


def check(content: bytes, names: Names) -> Checked:
    """Raises Refused for what is no form at all, or a dangerous one."""
    reader = _Reader(names)
    for placeholder in placeholders(checked(content)):
        reader.take(placeholder)
    return reader.finished()


# ---- where they stand -------------------------------------------------------------------------------------


def placeholders(package: Package) -> Iterator[Placeholder]:
    for place, root in _parts(package):
        for number, paragraph in enumerate(root.iter(W + "p"), start=1):
            text = _text(paragraph)
            if "{" in text or "}" in text:
                yield from _of_text(text, place or _place(paragraph, number))


def _parts(package: Package) -> Iterator[tuple[Message | None, Element]]:
    root = package.xml(package.main)
    assert root is not None  # or it would not have been opened
    yield None, root
    said = {"header": message(gettext_noop("页眉")), "footer": message(gettext_noop("页脚"))}
    for relation in package.relations(package.main).values():
        if relation.kind in said and not relation.outside:
            part = package.xml(relation.target)
            if part is not None:
                yield said[relation.kind], part


def _text(paragraph: Element) -> str:
    """Of the paragraph itself: what stands in a text box inside it is a paragraph of its own."""
    return "".join(
        each.text or ""
        for each in paragraph.iter(W + "t")
        if next(each.iterancestors(W + "p"), None) is paragraph
    )


def _of_text(text: str, place: Message) -> Iterator[Placeholder]:
    rest = TOKEN.sub("\0", text)
    for found in TOKEN.finditer(text):
        yield Placeholder(found.group(), place)
    for broken in re.finditer(r"\{[{%#][^\0]*|[^\0]*[}%#]\}", rest):
        yield Placeholder(broken.group().strip()[:60], place)


def _place(paragraph: Element, number: int) -> Message:
    cell = next(paragraph.iterancestors(W + "tc"), None)
    if cell is None:
        return message(gettext_noop("正文第 %(number)d 段"), number=number)
    row = next(cell.iterancestors(W + "tr"))
    table = next(row.iterancestors(W + "tbl"))
    tables = list(table.getroottree().getroot().iter(W + "tbl"))
    return message(
        gettext_noop("第 %(table)d 个表格第 %(row)d 行第 %(cell)d 格"),
        table=tables.index(table) + 1,
        row=list(table.iter(W + "tr")).index(row) + 1,
        cell=list(row.iter(W + "tc")).index(cell) + 1,
    )


# ---- what is wrong with them ------------------------------------------------------------------------------


@dataclass
class _Open:
    placeholder: Placeholder
    kind: str  # for, if
    level: str  # tr, tc, p or nothing
    name: str = ""
    columns: frozenset[str] = frozenset()


class _Reader:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._grammar = Grammar()
        self._asked: dict[str, None] = {}
        self._problems: list[Problem] = []
        self._open: list[_Open] = []
        self._count = 0

    def take(self, placeholder: Placeholder) -> None:
        self._count += 1
        if self._count > MOST:
            return
        found = TOKEN.fullmatch(placeholder.text)
        if found is None:
            self._wrong(
                placeholder, message(gettext_noop("没有写完：开头要有 {{ 或 {%%，结尾要有 }} 或 %%}。"))
            )
        elif found["value"] is not None:
            self._value(placeholder, found["value"])
        elif found["order"] is not None:
            self._order(placeholder, found["order"])

    def finished(self) -> Checked:
        for each in self._open:
            self._wrong(
                each.placeholder,
                message(gettext_noop("没有结束：后面要有 {%% end%(kind)s %%}。"), kind=each.kind),
            )
        if self._count > MOST:
            first = Placeholder("", message(gettext_noop("全文")))
            self._wrong(first, message(gettext_noop("占位符超过 %(most)d 个。"), most=MOST))
        return Checked(tuple(self._asked), tuple(self._problems))

    def _value(self, placeholder: Placeholder, inside: str) -> None:
        self._expression(placeholder, _without_level(inside)[1], value=True)

    def _order(self, placeholder: Placeholder, inside: str) -> None:
        level, order = _without_level(inside.strip("-"))
        word = order.split(maxsplit=1)[0] if order.split() else ""
        if word == "for":
            self._loop(placeholder, level, order)
        elif word == "if":
            self._expression(placeholder, order.removeprefix("if"))
            self._open.append(_Open(placeholder, "if", level))
        elif word == "elif":
            self._expression(placeholder, order.removeprefix("elif"))
        elif word in ("endfor", "endif"):
            self._close(placeholder, word.removeprefix("end"), level)
        elif word not in ("else", "vm", "hm"):
            self._wrong(placeholder, message(gettext_noop("这里只能写 for、if、else、endfor、endif。")))

    def _loop(self, placeholder: Placeholder, level: str, order: str) -> None:
        found = FOR.match(order)
        rows = self._names.rows
        if found is None:
            self._wrong(
                placeholder,
                message(
                    gettext_noop("写法不对。例：{%%tr for 行 in %(rows)s %%}"), rows=next(iter(rows), "")
                ),
            )
            self._open.append(_Open(placeholder, "for", level))
            return
        name, source = found.groups()
        if source not in rows:
            self._wrong(placeholder, self._unknown(source, rows))
        else:
            self._asked[source] = None
        if sum(each.kind == "for" for each in self._open) >= DEEPEST_LOOP:
            self._wrong(placeholder, message(gettext_noop("for 最多套 %(most)d 层。"), most=DEEPEST_LOOP))
        self._open.append(_Open(placeholder, "for", level, name, rows.get(source, frozenset())))

    def _close(self, placeholder: Placeholder, kind: str, level: str) -> None:
        if not self._open or self._open[-1].kind != kind:
            self._wrong(
                placeholder, message(gettext_noop("前面没有和它配对的 {%% %(kind)s %%}。"), kind=kind)
            )
            return
        opened = self._open.pop()
        if opened.level != level:
            self._wrong(
                placeholder,
                message(
                    gettext_noop("要和前面的 %(opener)s 一样写成 %(level)s。"),
                    opener=opened.placeholder.text,
                    level=f"{{%{opened.level} end{kind} %}}",
                ),
            )

    def _expression(self, placeholder: Placeholder, text: str, *, value: bool = False) -> None:
        try:
            tree = self._grammar.parse("{{" + text.translate(QUOTES) + "}}")
        except NotAllowed:
            self._wrong(placeholder, message(gettext_noop("这里只能写名字，不能算、不能调用。")))
            return
        except TemplateSyntaxError:
            self._wrong(
                placeholder,
                message(
                    gettext_noop("写法不对。例：{{%(name)s}}"), name=next(iter(sorted(self._names.texts)), "")
                ),
            )
            return
        if value and not _is_name(tree):
            self._wrong(placeholder, message(gettext_noop("这里只能写名字，不能算、不能调用。")))
            return
        parts = list(tree.find_all(nodes.Getattr))
        names = [each for each in tree.find_all(nodes.Name) if all(each is not part.node for part in parts)]
        for node in (*parts, *names):
            self._name(placeholder, node)

    def _name(self, placeholder: Placeholder, node: nodes.Node) -> None:
        loops = {each.name: each.columns for each in self._open if each.kind == "for"}
        if isinstance(node, nodes.Getattr):
            known = self._columns(loops, node.node)
            if known is None:
                self._wrong(placeholder, message(gettext_noop("“.”前面要是 {%% for %%} 里起的名字。")))
            elif node.attr not in known:
                self._wrong(placeholder, self._unknown(node.attr, known))
        elif isinstance(node, nodes.Name) and node.name not in {*loops, "loop"}:
            if node.name in self._names.all:
                self._asked[node.name] = None
            else:
                self._wrong(placeholder, self._unknown(node.name, self._names.all))

    def _columns(self, loops: dict[str, frozenset[str]], node: nodes.Node) -> frozenset[str] | None:
        if not isinstance(node, nodes.Name):
            return None
        if node.name == "loop" and loops:
            return frozenset(LOOP)
        return loops.get(node.name)

    def _unknown(self, name: str, known: object) -> Message:
        near = get_close_matches(name, sorted(known), n=1, cutoff=0.4)  # type: ignore[call-overload]
        if near:
            return message(gettext_noop("没有“%(name)s”。是不是“%(near)s”？"), name=name, near=near[0])
        return message(gettext_noop("没有“%(name)s”。能用的名字见下面的说明。"), name=name)

    def _wrong(self, placeholder: Placeholder, said: Message) -> None:
        self._problems.append(Problem(placeholder.text[:80], placeholder.place, said))


def _without_level(inside: str) -> tuple[str, str]:
    for level in LEVELS:
        if inside.startswith(level + " "):
            return level, inside.removeprefix(level).strip()
    return "", inside.strip()


def _is_name(tree: nodes.Template) -> bool:
    outputs = [each for node in tree.body if isinstance(node, nodes.Output) for each in node.nodes]
    return len(outputs) == 1 and isinstance(outputs[0], nodes.Name | nodes.Getattr)
