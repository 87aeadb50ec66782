"""Saved filters: `@name` is bound as the parenthesised filter saved under that name (§7).

A saved filter is bound where it is used, for the relation there, so that a change of the schema shows at use. What is
wrong inside of it is told with both texts: where it is used, and where in it the mistake is.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from metaquery.errors import FilterError, FilterLimitError, UnknownField, picture
from metaquery.frozen import dataclass
from metaquery.language.limits import DEPTH, NODES, check_tree, too_complex
from metaquery.language.parse import parse
from metaquery.language.printing import to_text
from metaquery.language.syntax import Saved
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from metaquery.language.syntax import Expr

__all__ = ["NESTED", "Expansion", "with_both_texts"]

NESTED = 16
"""How deep saved filters may name each other (§10)."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """How a place in a filter was reached through saved filters.

    Attributes
    ----------
    root
        The tree that is being bound: the filter's, or the saved filter's.
    path
        Names of the saved filters around this place, outermost first.
    levels
        Levels of operators of the trees around `root`.
    nodes
        Nodes of all saved filters taken in so far, in the whole filter; one number, shared by every place.
    """

    root: Expr
    path: tuple[str, ...] = ()
    levels: int = 0
    nodes: list[int] = field(default_factory=lambda: [0], compare=False)

    def open(self, use: Saved, texts: dict[str, str] | None, source: str) -> tuple[str, Expansion]:
        """Return the text of a saved filter, and the place inside of it.

        Parameters
        ----------
        use
            `@name`, as written.
        texts
            The saved filters of the relation at this place, by name.
        source
            The text that `use` stands in.

        Raises
        ------
        UnknownField
            No filter is saved under this name, or it is being bound already.
        FilterLimitError
            They nest too deep, or come to too much.
        """
        path = (*self.path, use.name)
        if use.name in self.path:
            message = f"saved filters go round in a circle: {' → '.join(map(_written, path))}"
            hint = "change one of them so that it no longer names the others"
            raise UnknownField(_CYCLE, message, source, use.span, hint)
        if use.name not in (texts or {}):
            meant = similar(use.name, texts or {})
            hint = f"did you mean {_written(meant[0])!r}?" if meant else "no filter is saved under this name"
            message = f"unknown saved filter {_written(use.name)!r}"
            raise UnknownField("unknown-saved-filter", message, source, use.span, hint, meant)
        if len(path) > NESTED:
            message = f"saved filters name each other more than {NESTED} deep"
            raise FilterLimitError("too-deep", message, source, use.span, "write one of them out")
        text = (texts or {})[use.name]
        root = parse(text)
        nodes, _ = check_tree(root)
        self.nodes[0] += nodes
        if self.nodes[0] > NODES:
            raise too_complex(source, use.span)
        levels = self.levels + check_tree(self.root)[1]
        if levels + check_tree(root)[1] > DEPTH:
            message = f"operators stand more than {DEPTH} deep in each other, saved filters included"
            raise FilterLimitError("too-deep", message, source, use.span, "write it flatter")
        return text, Expansion(root, path, levels, self.nodes)


def with_both_texts(error: FilterError, use: Saved, source: str) -> FilterError:
    """Return an error of a saved filter as one of the filter that uses it.

    What is wrong is said once; the names that lead there are behind it, unless they are what is wrong; the innermost
    picture becomes the hint.
    """
    name = _written(use.name)
    if (error.hint or "").startswith(_INSIDE):
        told, _, names = error.message.rpartition(_PATH)
        message = f"{told}{_PATH}{name} → {names}" if told else error.message
        return type(error)(error.code, message, source, use.span, error.hint, error.suggestions)
    message = error.message if error.code == _CYCLE else f"{error.message}{_PATH}{name})"
    hint = "\n".join(filter(None, (_INSIDE, picture(error.source, error.span), error.hint)))
    return type(error)(error.code, message, source, use.span, hint, error.suggestions)


_INSIDE = "the saved filter:"

_PATH = " (in the saved filter "

_CYCLE = "saved-filter-cycle"


def _written(name: str) -> str:
    """Return the name as a filter writes it: `@night`, `@"night in Paris"`."""
    return to_text(Saved(name))
