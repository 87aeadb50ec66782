"""What a command was asked for: the filter that its argument and options make, the same in every command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from metaquery.view import View

__all__ = ["Asked", "filter_argument", "param_option", "search_option", "untyped", "where_option"]

Command = TypeVar("Command", bound=Callable[..., Any])

_DOCUMENT = 'a filter in CQL2-JSON is like {"op": "=", "args": [{"property": "city"}, "Paris"]}'


@dataclass(frozen=True)
class Asked:
    """A filter that was given to a command.

    Attributes
    ----------
    text
        In the filter language; None where there is none.
    params
        Values of its parameters, as `--param` has them.
    cql2_json
        File that has it instead of `text`.
    searched
        Texts that the rows have to have besides.
    """

    text: str | None
    params: dict[str, Any] = field(default_factory=dict)
    cql2_json: Path | None = None
    searched: tuple[str, ...] = ()

    def check(self, *, needed: bool = True) -> None:
        """Refuse two filters, and none where one is needed, before anything is opened."""
        if self.text is not None and self.cql2_json is not None:
            raise click.UsageError("EXPRESSION and --cql2-json are each a filter: give one of them")
        if needed and self.text is None and self.cql2_json is None and not self.searched:
            raise click.UsageError(
                "no filter is given: write EXPRESSION, --search TEXT, --where-file FILE or --cql2-json FILE"
            )
        if self.params and self.text is None:
            raise click.UsageError("--param is a value for :name in a filter, and none is given")

    def of(self, view: View, *, ordered: bool = False) -> View:
        """Apply the filter and the searches, if any; `ordered` lets the text have an order and a limit."""
        for text in self.searched:
            view = view.search(text)
        if self.cql2_json is not None:
            from metaquery.cli.documents import read_document  # 2 ms that texts need not pay
            from metaquery.errors import UsageError

            return view.filter_cql2_json(read_document(self.cql2_json, UsageError, hint=_DOCUMENT))
        if self.text is None:
            return view
        narrowed = view.query if ordered else view.filter
        return narrowed(self.text, **untyped(self.params))

    def written(self, view: View) -> str | None:
        """Return the text with the values of its parameters in place, for what takes a text alone."""
        return self.of(view).canonical or "true" if self.params else self.text

    def remark(self, view: View) -> None:
        """Say on standard error which filters the searches stand for."""
        for text in self.searched:
            click.echo(f"--search {text!r} is: {view.search(text).canonical}", err=True)


def untyped(params: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of `--param` as what takes the type of the other side; the language is imported here."""
    from metaquery.language import Untyped

    return {
        name: Untyped(value) if isinstance(value, str) else [Untyped(item) for item in value]
        for name, value in params.items()
    }


def param_option(command: Command) -> Command:
    """Add `--param`, given to the command as `params`: a text by name, or a list where a name is repeated."""
    return click.option(
        "--param",
        "params",
        multiple=True,
        callback=_by_name,
        metavar="NAME=VALUE",
        help="Value of :NAME in the filter, read by the type that it is compared with; again for each item of a list.",
    )(command)


def _by_name(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in given:
        name, sign, value = one.partition("=")
        name = name.removeprefix(":")
        if not sign or not name:
            raise click.BadParameter(f"{one!r} is no NAME=VALUE, such as city=Paris")
        before = found.get(name)
        found[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found


def filter_argument(command: Command) -> Command:
    """Add the filter, in all its forms, given to the command as `asked`."""

    @wraps(command)
    def with_filter(
        *args: Any,
        expression: str | None,
        where_file: Path | None,
        cql2_json: Path | None,
        params: dict[str, Any],
        searched: tuple[str, ...],
        **others: Any,
    ) -> Any:
        text = _text("EXPRESSION", expression, where_file)
        return command(*args, asked=Asked(text, params, cql2_json, searched), **others)

    in_file = click.option(
        "--cql2-json",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Take the filter from a file of CQL2-JSON instead of EXPRESSION; - is standard input.",
    )
    options = where_file_option(param_option(in_file(search_option(with_filter))))
    return click.argument("expression", required=False)(options)  # type: ignore[return-value]


def where_file_option(command: Command) -> Command:
    """Add `--where-file`, given to the command as `where_file`."""
    return click.option(
        "--where-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Take the filter from a file; - is standard input.",
    )(command)


def _text(name: str, given: str | None, file: Path | None) -> str | None:
    """Return the filter that was given as a text, by a file, or as `-` on standard input."""
    if given is not None and file is not None:
        raise click.UsageError(f"{name} and --where-file are each a filter: give one of them")
    if given != "-" and file is None:
        return given
    from metaquery.cli.documents import read_text  # as for `of`

    return read_text(file or Path("-"), "-" if file is None else f"--where-file {file}")


def search_option(command: Command) -> Command:
    """Add `--search`, given to the command as `searched`."""
    return click.option(
        "--search",
        "searched",
        multiple=True,
        metavar="TEXT",
        help="Rows with TEXT, a word or a phrase, in any text, in upper or lower case; may be given again.",
    )(command)


def where_option(command: Command) -> Command:
    """Add `--where`, `--where-file` and `--param`, given to the command as `where`: an `Asked`, or None."""

    @wraps(command)
    def with_filter(
        *args: Any, where: str | None, where_file: Path | None, params: dict[str, Any], **others: Any
    ) -> Any:
        asked = Asked(_text("--where", where, where_file), params)
        asked.check(needed=False)
        return command(*args, where=None if asked.text is None else asked, **others)

    written = click.option("--where", metavar="FILTER", help="Rows that a filter finds.")
    return written(where_file_option(param_option(with_filter)))  # type: ignore[return-value]
