"""Options that arrange the rows of an answer: which columns, in which order, how many."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from metaquery.view import View

__all__ = ["Arranged", "arranging_options"]

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Arranged:
    """What `--select`, `--order-by` and `--limit` say; None is what nobody said."""

    select: str | None
    order_by: str | None
    limit: int | None

    def of(self, view: View) -> View:
        """Apply them."""
        if self.select is not None:
            view = view.select(self.select)
        if self.order_by is not None:
            view = view.order_by(self.order_by)
        return view if self.limit is None else view.limit(self.limit or None)


def arranging_options(unsaid: str) -> Callable[[Command], Command]:
    """Add them, given to the command as `arranged`; `unsaid` is what the help says of a limit that nobody gives."""

    def add(command: Command) -> Command:
        @wraps(command)
        def arranged(*args: Any, select: str | None, order_by: str | None, limit: int | None, **others: Any) -> Any:
            return command(*args, arranged=Arranged(select, order_by, limit), **others)

        most = f"At most so many rows; 0 is all. {unsaid}"
        added = click.option("--limit", type=click.IntRange(min=0), help=most)(arranged)
        added = click.option("--order-by", metavar="FIELDS", help="Order, such as: captured_at desc, city")(added)
        named = click.option("--select", "--fields", "select", metavar="FIELDS", help="Columns, separated by commas.")
        return named(added)  # type: ignore[return-value]

    return add
