"""The little of Jinja that a form may use. Everything else is refused when it is read, before anything is run."""

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import Environment, Template, TemplateSyntaxError, nodes
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.For,
    nodes.If,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
)
LOOP = ("first", "last", "index", "length")
DEEPEST_LOOP = 2
LONGEST_OUTPUT = 24 * 1024**2
"""Characters of one part."""


class NotAllowed(TemplateSyntaxError):
    """Jinja would do it; a form may not."""


class TooLong(Exception):
    """A form that writes without end."""


class Limited(Template):
    def render(self, *args: Any, **kwargs: Any) -> str:
        pieces, length = [], 0
        for piece in self.generate(*args, **kwargs):
            length += len(piece)
            if length > LONGEST_OUTPUT:
                raise TooLong
            pieces.append(piece)
        return "".join(pieces)


class Grammar(ImmutableSandboxedEnvironment):
    """No functions, no filters, no attributes of Python: names, what stands in a row, and whether there is any."""

    template_class = Limited

    def __init__(self) -> None:
        super().__init__(autoescape=True)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        refuse_more([tree])
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj.get(attribute, Undefined(name=attribute))
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return Undefined(name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.getattr(obj, argument) if isinstance(argument, str) else Undefined(name=str(argument))


def refuse_more(trees: Iterable[nodes.Node], loops: int = 0) -> None:
    for tree in trees:
        deeper = loops + isinstance(tree, nodes.For)
        if not isinstance(tree, ALLOWED) or deeper > DEEPEST_LOOP:
            raise NotAllowed("not allowed", getattr(tree, "lineno", 1))
        if isinstance(tree, nodes.For) and (tree.recursive or not isinstance(tree.target, nodes.Name)):
            raise NotAllowed("not allowed", tree.lineno)
        refuse_more(tree.iter_child_nodes(), deeper)


def environment() -> Environment:
    return Grammar()
