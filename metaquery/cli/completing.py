"""What may stand at the cursor of a command line: click knows the commands and options, `View.complete` the filters."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import click
from click.shell_completion import _resolve_context, _resolve_incomplete

from metaquery.cli.options import open_asked, open_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from metaquery.cli.shell_words import Line
    from metaquery.store.layout import Layout
    from metaquery.view import View
    from metaquery.workspace import Workspace

__all__ = ["Offer", "offers"]

_MOST = 60


class Offer(NamedTuple):
    """One word that may stand there.

    Attributes
    ----------
    text
        The whole word, as the command would get it.
    label, remark
        What a menu shows of it.
    """

    text: str
    label: str
    remark: str = ""


def offers(root: click.Group, line: Line) -> tuple[str, list[Offer]]:
    """Return what kind of words they are (`on`, `whole`, `file`, `directory`), and the words that may stand there."""
    arguments = list(line.words[1:])
    context = _resolve_context(root, {}, "metaquery", arguments)
    wanted, typed = _resolve_incomplete(context, arguments, line.word)
    before = line.word[: len(line.word) - len(typed)]  # of --where=dark the option
    if isinstance(wanted, click.Parameter):
        find = _finder(context, wanted)
        if find is not None:
            mode, found = find(context, typed)
            return mode, _typable([Offer(before + each.text, each.label, each.remark) for each in found], line.word)
    elif wanted is root and not typed.startswith("-"):
        return "whole", _commands(typed)
    items = wanted.shell_complete(context, typed)
    kinds = {item.type for item in items} & {"file", "dir"}
    if kinds:
        return "directory" if kinds == {"dir"} else "file", []
    found = [Offer(before + str(item.value), str(item.value), item.help or "") for item in items]
    return "whole", found


def _typable(found: list[Offer], word: str) -> list[Offer]:
    """Keep what begins as typed, else the best: of several that do not, a shell would take typed letters away."""
    small = word.casefold()
    return [each for each in found if each.text.casefold().startswith(small)] or found[:1]


def _finder(context: click.Context, wanted: click.Parameter) -> Callable[..., tuple[str, list[Offer]]] | None:
    """Return what finds the words for a parameter; None where click does."""
    group = context.parent.info_name if context.parent is not None else ""
    return _FINDERS.get((f"{group} {context.info_name}", wanted.name or "")) or _FINDERS.get(
        (group or "", wanted.name or ""), _FINDERS.get(("", wanted.name or ""))
    )


def _commands(typed: str) -> list[Offer]:
    from metaquery.cli.root import COMMANDS  # which imports this module's callers

    return [Offer(name, name, entry.help) for name, entry in COMMANDS.items() if name.startswith(typed)]


def _opened(context: click.Context) -> Workspace:
    return open_here(context.params.get("workspace"), quiet=True)


def _view(context: click.Context) -> View:
    on = context.params.get("on")
    opened = open_asked(context.params.get("workspace"), context.params.get("lake"), quiet=True)
    return opened.view(on if isinstance(on, str) else "data")


def _filter(context: click.Context, typed: str) -> tuple[str, list[Offer]]:
    return "on", _completed(_view(context), typed, "", parameters=context.params.get("params") or ())


def _order(context: click.Context, typed: str) -> tuple[str, list[Offer]]:
    return "on", _completed(_view(context), typed, "order by ")


def _parameters(context: click.Context, typed: str) -> tuple[str, list[Offer]]:
    """Return the parameters of the filter that stands before, each to be given its value."""
    from metaquery.errors import FilterError
    from metaquery.language import parse_view
    from metaquery.language.parameters import parameters_of

    names: dict[str, None] = {}
    # Where an option has no value yet, click leaves the arguments before it in `args`.
    for text in (context.params.get("expression"), context.params.get("where"), *context.args):
        with suppress(FilterError):
            view = parse_view(text or "")
            roots = [*([view.where] if view.where else []), *(key.key for key in view.order)]
            names |= dict.fromkeys(each.name for each in parameters_of(roots))
    return "on", [Offer(f"{name}=", f"{name}=") for name in names if name.startswith(typed.removeprefix(":"))]


def _completed(view: View, typed: str, before: str, *, parameters: Iterable[str] = ()) -> list[Offer]:
    text = before + typed
    completion = view.complete(text, limit=_MOST, parameters=parameters)
    return [
        Offer(completion.apply(text, each)[0].removeprefix(before), each.label, each.detail)
        for each in completion.candidates
        if completion.span.start >= len(before)
    ]


def _columns(context: click.Context, typed: str) -> tuple[str, list[Offer]]:
    """Return the fields that may follow those that are named already, separated by commas."""
    from metaquery.columns import every_column
    from metaquery.language.names import field_text
    from metaquery.language.printing import name_text

    view = _view(context)
    named, comma, begun = typed.rpartition(",")
    every = sorted(every_column(view.snapshot.schema, view.relation), key=lambda f: f.qualifier != "meta")
    names = [field.name for field in every]
    fields = {name_text(f.name) if names.count(f.name) == 1 else field_text(f): f.type for f in every}
    small = begun.strip().casefold()
    return "on", [
        Offer(named + comma + name, name, kind)
        for name, kind in fields.items()
        if name.strip('"').casefold().startswith(small.strip('"')) and name not in named.split(",")
    ]


def _field(context: click.Context, typed: str) -> tuple[str, list[Offer]]:
    return "whole", [each for each in _columns(context, typed)[1] if "," not in typed]


def _layout(context: click.Context) -> Layout:
    """Return where the workspace's files lie, without its front door: with that comes the language, 100 ms."""
    from metaquery.settings import Settings
    from metaquery.store.layout import Layout

    given = context.params.get("workspace")
    return Layout.of(Settings.read(workspace=given.expanduser() if given else None).workspace)


def _titles(context: click.Context, typed: str) -> tuple[str, list[Offer]]:
    from metaquery.collection import Collections

    records = Collections(_layout(context)).records()
    return "whole", _beginning(((c.title, "live" if c.live else f"{c.members:,} members") for c in records), typed)


def _saved(context: click.Context, typed: str) -> tuple[str, list[Offer]]:
    found = ((saved.name, saved.text) for saved in _opened(context).filters.all())
    return "whole", _beginning(found, typed.removeprefix("@"))


def _snapshots(context: click.Context, typed: str) -> tuple[str, list[Offer]]:
    from metaquery.store.snapshot import published_ids

    return "whole", _beginning(((name, "") for name in reversed(published_ids(_layout(context)))), typed)


def _beginning(found: Iterable[tuple[str, str]], typed: str) -> list[Offer]:
    small = typed.casefold()
    return [Offer(text, text, remark[:60]) for text, remark in found if text.casefold().startswith(small)][:_MOST]


_FINDERS: dict[tuple[str, str], Callable[[click.Context, str], tuple[str, list[Offer]]]] = {
    ("", "expression"): _filter,
    ("", "where"): _filter,
    ("", "order_by"): _order,
    ("", "params"): _parameters,
    ("", "select"): _columns,
    ("", "keys"): _field,
    ("", "as_of"): _snapshots,
    ("", "before"): _snapshots,
    ("", "after"): _snapshots,
    ("", "saved"): _saved,
    ("filter show", "name"): _saved,
    ("filter delete", "name"): _saved,
    ("filter rename", "old"): _saved,
    ("filter export", "names"): _saved,
    ("filter push", "name"): _saved,
    ("collection", "title"): _titles,
    ("collection", "titles"): _titles,
    ("collection", "a"): _titles,
    ("collection", "b"): _titles,
    ("collection restore", "title"): lambda *_: ("whole", []),
    ("collection new", "title"): lambda *_: ("whole", []),
    ("tag", "tag_"): _titles,
}
"""What finds the words of a parameter: by group and command, by group, or by its name alone."""
