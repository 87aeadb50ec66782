"""`SetExpression`: what `a | b`, `a & b` and `a - b` return for Collections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.collection.record import Collection
from metaquery.errors import CollectionError, UsageError
from metaquery.language import syntax
from metaquery.language.limits import check_tree
from metaquery.language.printing import to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.collection.evaluation import Evaluation

__all__ = ["SetExpression"]


@dataclass(frozen=True)
class SetExpression:
    """A set algebra over Collections, not run yet.

    Attributes
    ----------
    tree
        Titles, joined by and, or and not.
    home
        Returns the Collections as the newest snapshot has them.

    Examples
    --------
    >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
    >>> dark = ws.data.filter("dark").collect("Dark", replacing=True)
    >>> (fast - dark).collect("Fast by day", replacing=True).data_hashes()
    ['u4']
    """

    tree: syntax.Expr
    home: Callable[[], Evaluation]

    @classmethod
    def of(cls, collection: Collection) -> SetExpression:
        """Return the rows of one Collection.

        Raises
        ------
        CollectionError
            It is not of a workspace, or is there no more.
        """
        if collection.home is None:
            raise CollectionError(f"{collection.title!r} was not taken from a workspace, which could tell its members")
        now = collection.home().collections.get(collection.id)  # another may have its title since it was renamed
        return cls(syntax.String(now.title), collection.home)

    @property
    def text(self) -> str:
        """The algebra as `collection new --of` takes it.

        Raises
        ------
        FilterLimitError
            It is deeper or larger than a filter may be.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> dark = ws.data.filter("dark").collect("Dark", replacing=True)
        >>> (fast | dark).text
        "'Fast' or 'Dark'"
        """
        check_tree(self.tree)
        return to_text(self.tree)

    def __repr__(self) -> str:
        return f"<metaquery.SetExpression {self.text}>"

    def __or__(self, other: Collection | SetExpression) -> SetExpression:
        """Return the rows that are in either."""
        return SetExpression(syntax.Or((*_parts(self, syntax.Or), *_parts(_set(other), syntax.Or))), self.home)

    def __and__(self, other: Collection | SetExpression) -> SetExpression:
        """Return the rows that are in both."""
        return SetExpression(syntax.And((*_parts(self, syntax.And), *_parts(_set(other), syntax.And))), self.home)

    def __sub__(self, other: Collection | SetExpression) -> SetExpression:
        """Return the rows that are in this one alone."""
        return SetExpression(syntax.And((*_parts(self, syntax.And), syntax.Not(_set(other).tree))), self.home)

    def count(self) -> int:
        """Return how many rows of the newest snapshot are in it.

        Raises
        ------
        FilterError
            The Collections hold rows of several relations, or one is there no more.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> dark = ws.data.filter("dark").collect("Dark", replacing=True)
        >>> (fast | dark).count()
        3
        """
        return len(self.ids())

    def ids(self) -> list[str] | list[tuple[object, ...]]:
        """Return the keys of the rows, sorted: data hashes; for labels and predictions tuples of their key.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> dark = ws.data.filter("dark").collect("Dark", replacing=True)
        >>> (fast & dark).ids()
        ['u3']
        """
        return self.home().keys_of(self.text)

    def collect(self, title: str, *, description: str = "", live: bool = False, replacing: bool = False) -> Collection:
        """Make a Collection of the rows; parameters and errors as `View.collect`.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> dark = ws.data.filter("dark").collect("Dark", replacing=True)
        >>> (fast | dark).collect("Either", replacing=True).members
        3
        """
        here = self.home()
        selection = here.of_algebra(self.text)
        return here.collections.make(title, selection, description=description, live=live, replacing=replacing)


def _set(other: Collection | SetExpression) -> SetExpression:
    if isinstance(other, SetExpression):
        return other
    if not isinstance(other, Collection):
        raise UsageError(f"{other!r} is no Collection", hint="make one of a view first: view.collect(title)")
    return SetExpression.of(other)


def _parts(expression: SetExpression, kind: type[syntax.Or | syntax.And]) -> tuple[syntax.Expr, ...]:
    tree = expression.tree
    return tree.args if isinstance(tree, kind) else (tree,)
