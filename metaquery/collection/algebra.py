"""Set algebra: `'A' and not 'B' or 'C'` over Collections, read by the parser of the filter language.

It tells rows apart by their relation's whole key: two Collections of labels have a label in common, not a unit.
Everything is of the rows of one snapshot, so `not 'A'` has a meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.errors import FilterError, FilterTypeError, UnknownField
from metaquery.language import parse, syntax
from metaquery.language.printing import to_text
from metaquery.schema import RELATIONS, Relation
from metaquery.store.pages import PARQUET, quoted
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.collection.record import Collection

__all__ = ["Algebra", "key_condition", "read_algebra"]


@dataclass(frozen=True, slots=True)
class Algebra:
    """A set algebra that has been read.

    Attributes
    ----------
    tree
        Of `Or`, `And`, `Not`, and `InCollection` of one title each.
    text
        Canonical: titles alone, in single quotes.
    operands
        The Collections in it, each once.
    relation
        What all of them are rows of.
    """

    tree: syntax.Expr
    text: str
    operands: tuple[Collection, ...]
    relation: Relation

    def sql(self, path: Callable[[Collection], str]) -> tuple[str, list[str]]:
        """Return the statement for the keys, and its parameters.

        Parameters
        ----------
        path
            Returns the file of an operand's members.
        """
        files = {operand.title: path(operand) for operand in self.operands}
        parameters: list[str] = []
        condition = self._condition(self.tree, files, parameters)
        keys = ", ".join(map(quoted, self.relation.key))
        return f"SELECT {keys} FROM {quoted(self.relation.name)} WHERE {condition}", parameters

    def _condition(self, node: syntax.Expr, files: dict[str, str], parameters: list[str]) -> str:
        match node:
            case syntax.Or() | syntax.And():
                word = " OR " if isinstance(node, syntax.Or) else " AND "
                return f"({word.join([self._condition(arg, files, parameters) for arg in node.args])})"
            case syntax.Not():
                return f"(NOT {self._condition(node.arg, files, parameters)})"
            case syntax.String():
                parameters.append(files[node.value])
                return key_condition(self.relation)
            case _:
                raise AssertionError(node)


def key_condition(relation: Relation) -> str:
    """Return SQL that is true for rows whose key is in the Parquet file that is its parameter; never NULL."""
    if len(relation.key) == 1:
        key = quoted(relation.key[0])
        return f"({key} IN (SELECT {key} FROM {PARQUET}))"
    # A struct with NULLs in it equals another with the same, which a row of columns does not.
    key = "{" + ", ".join(f"{quoted(name)}: {quoted(name)}" for name in relation.key) + "}"
    return f"({key} IN (SELECT {key} FROM {PARQUET}))"


def read_algebra(text: str, known: Sequence[Collection]) -> Algebra:
    """Read a set algebra.

    Parameters
    ----------
    text
        Titles in single quotes, `and`, `or`, `not` and brackets.
    known
        What can be named.

    Raises
    ------
    FilterError
        It is not one, names what is not there, or mixes rows of several relations; with its place in `text`.
    """
    titles = {collection.title: collection for collection in known}
    operands: dict[str, Collection] = {}
    tree = _sets(parse(text), text)
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, syntax.String):
            waiting.extend(reversed(list(syntax.children(node))))
            continue
        found = titles.get(node.value)
        if found is None:
            raise _unknown(node, text, titles)
        first = next(iter(operands.values()), found)
        if found.relation != first.relation:
            raise FilterTypeError(
                "type-mismatch",
                f"{found.title!r} holds {found.relation}, and {first.title!r} holds {first.relation}",
                text,
                node.span,
                "a set has rows of one kind; by their units: metaquery collection new TITLE "
                f"--on {first.relation} --where \"in collection '…'\"",
            )
        operands[found.title] = found
    relation = RELATIONS[next(iter(operands.values())).relation]
    return Algebra(tree, to_text(tree), tuple(operands.values()), relation)


def _unknown(node: syntax.String, text: str, titles: dict[str, Collection]) -> FilterError:
    meant = similar(node.value, titles)
    hint = f"did you mean {' or '.join(map(repr, meant))}?" if meant else "see metaquery collection list"
    return UnknownField("unknown-collection", f"unknown collection {node.value!r}", text, node.span, hint, meant)


def _sets(node: syntax.Expr, text: str) -> syntax.Expr:
    """Return the tree with titles alone at its leaves."""
    match node:
        case syntax.Or():
            return syntax.Or(tuple([_sets(arg, text) for arg in node.args]), span=node.span)
        case syntax.And():
            return syntax.And(tuple([_sets(arg, text) for arg in node.args]), span=node.span)
        case syntax.Not():
            return syntax.Not(_sets(node.arg, text), span=node.span)
        case syntax.InCollection():
            return node.names[0] if len(node.names) == 1 else syntax.Or(node.names, span=node.span)
        case syntax.String():
            return node
        case syntax.Field():
            hint = f"titles stand in single quotes: {to_text(syntax.String(node.name))}"
        case _:
            hint = "conditions are for filters: --where \"in collection 'A' and dark\""
    raise FilterTypeError("type-mismatch", "a set algebra has titles of Collections alone", text, node.span, hint)
