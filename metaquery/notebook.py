"""`%%metaquery`: a filter as a cell of a notebook; `%load_ext metaquery` brings it, and needs `metaquery[notebook]`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, cast

from IPython.core.error import UsageError as MagicError
from IPython.core.magic import Magics, cell_magic, magics_class, needs_local_scope

from metaquery.errors import MetaqueryError
from metaquery.language.parameters import parameters_of
from metaquery.language.parse import parse_view
from metaquery.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from metaquery.view import View

__all__ = ["MetaqueryMagics", "load"]

_USAGE = "%%metaquery [NAME] [--on data|labels|predictions] [--workspace DIRECTORY or a variable]"


@magics_class
class MetaqueryMagics(Magics):
    """The cell magic."""

    @needs_local_scope
    @cell_magic
    def metaquery(self, line: str, cell: str, local_ns: dict[str, Any] | None = None) -> View | None:
        """Show the rows that match the cell, a filter perhaps with order and limit, and keep the view under a name.

        `:city` in the filter stands for the notebook's variable `city`.
        """
        shell = cast("InteractiveShell", self.shell)  # a magic runs in one
        names = {**shell.user_ns, **(local_ns or {})}
        name, on, where = _options(line)
        try:
            view = _workspace(where, names).view(on).query(cell, **_values(cell, names))
        except MetaqueryError as error:
            raise MagicError(
                f"{error}\n{error.hint}" if error.hint and error.hint not in str(error) else str(error)
            ) from None
        if name is None:
            return view
        shell.user_ns[name] = view
        return None


def load(shell: InteractiveShell) -> None:
    """Register the cell magic."""
    shell.register_magics(MetaqueryMagics)


def _options(line: str) -> tuple[str | None, str, str | None]:
    """Return the name for the view, the relation, and the workspace."""
    words, name = shlex.split(line), None
    given: dict[str, str | None] = {"--on": "data", "--workspace": None}
    while words:
        word = words.pop(0)
        if word in given and words:
            given[word] = words.pop(0)
        elif name is None and word.isidentifier():
            name = word
        else:
            raise MagicError(f"{word!r} is not understood\n{_USAGE}")
    return name, given["--on"] or "data", given["--workspace"]


def _workspace(where: str | None, names: dict[str, Any]) -> Workspace:
    """Return the workspace of a variable or a directory; else that of the variable `ws`, else the nearest."""
    held = names.get(where or "ws")
    return held if isinstance(held, Workspace) else open_workspace(where)


def _values(cell: str, names: dict[str, Any]) -> dict[str, Any]:
    """Return the variables that the filter's parameters name."""
    view = parse_view(cell)
    roots = [part for part in (view.where, *(key.key for key in view.order)) if part is not None]
    return {each.name: names[each.name] for each in parameters_of(roots) if each.name in names}
