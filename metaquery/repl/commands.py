"""Commands that begin with a backslash: a row each. Their names are the command line's, and so is what they do.

Those about the conversation itself are done here; all others run the command of that name, about the last result.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from metaquery.errors import UsageError
from metaquery.formats import FORMATS, format_named
from metaquery.repl.editing import edited
from metaquery.schema import RELATIONS
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.repl.session import Session

__all__ = ["COMMANDS", "Command", "run_command", "runs"]

About = Literal["nothing", "where", "expression"]
"""How a command of the command line is told of the last result."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes
    ----------
    name
        Without its backslash.
    takes
        What follows it, for the list.
    help
        One line.
    does
        Given the conversation and what follows the name.
    words
        What it is on the command line, whose completion it has.
    choices
        What may follow it, where that is fixed.
    """

    name: str
    takes: str
    help: str
    does: Callable[[Session, str], None]
    words: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def run_command(session: Session, line: str) -> None:
    """Run a line that begins with a backslash.

    Raises
    ------
    UsageError
        There is no command of this name, or it does not take what follows.
    """
    name, _, rest = line.strip().removeprefix("\\").partition(" ")
    command = COMMANDS.get(name)
    if command is not None:
        command.does(session, rest.strip())
    elif name == "repl":
        raise UsageError("this is the conversation already", hint="\\q leaves it")
    elif name in session.command_line.commands():
        _run(session, [name, *_words(rest)])
    else:
        meant = similar(name, [*COMMANDS, *session.command_line.commands()])
        hint = f"did you mean \\{meant[0]}?" if meant else "\\? lists the commands"
        raise UsageError(f"there is no command \\{name}", hint=hint)


def runs(
    *words: str, about: About = "nothing", field_option: str = "", needs_last: bool = False
) -> Callable[[Session, str], None]:
    """Return what runs a command of the command line.

    Parameters
    ----------
    *words
        Its name.
    about
        How it is told of the last result; where there is none yet, it is not told.
    field_option
        The option that takes what follows.
    needs_last
        Whether it is nothing without a last result.
    """

    def run(session: Session, rest: str) -> None:
        if needs_last:
            _needs_last(session)
        given = _words(rest)
        arguments = [*words, *([field_option, ",".join(given)] if field_option and given else given)]
        if about == "where" and session.last is not None:
            arguments.append(f"--where={session.last.text}")
        if about == "expression" and session.last is not None:
            arguments += ["--", session.last.text]
        _run(session, arguments, on=session.on if about == "nothing" or session.last is None else session.last.on)

    return run


def _run(session: Session, arguments: list[str], *, on: str | None = None) -> None:
    given = {"--workspace": str(session.workspace.layout.root), "--time-zone": session.time_zone}
    given["--on"] = on or session.on
    if session.as_of is not None:
        given["--as-of"] = session.as_of
    session.failed(session.command_line.run(arguments, given))


def _words(rest: str) -> list[str]:
    try:
        return shlex.split(rest)
    except ValueError:
        raise UsageError("a quotation mark has no end", hint="write it twice, or in the other marks") from None


# About the conversation


def _help(session: Session, _rest: str) -> None:
    wide = max(len(f"\\{each.name} {each.takes}") for each in COMMANDS.values())
    session.say(
        "A filter shows the rows that it matches. Enter runs it, or goes on to a new line where it ends too early.",
        "_ is the last result: _ and city = 'x', not _; a line that begins with and refines it, too.",
        "",
        *(f"{f'{chr(92)}{each.name} {each.takes}':<{wide}}  {each.help}" for each in COMMANDS.values()),
        "",
        "Every other command of metaquery, too: \\" + ", \\".join(
            name for name in session.command_line.commands() if name not in COMMANDS and name != "repl"
        ) + ".",
    )  # fmt: skip


def _on(session: Session, rest: str) -> None:
    session.on = _one_of("\\on", rest, tuple(relation.name for relation in RELATIONS.values()), session.on)
    session.say(f"Filters select {session.on}.")


def _as_of(session: Session, rest: str) -> None:
    before, session.as_of = session.as_of, rest or None
    try:
        snapshot = session.whole().snapshot
    except Exception:
        session.as_of = before
        raise
    when = "As of" if session.as_of else "The newest snapshot, as of"
    session.say(f"{when} {snapshot.created_at:%Y-%m-%d %H:%M:%S} UTC, snapshot {snapshot.id}.")


def _time_zone(session: Session, rest: str) -> None:
    if rest:
        session.whole().at(time_zone=rest).filter("now() > 2000-01-01")  # which refuses a zone that there is not
        session.time_zone = rest
    session.say(f"Dates and times without a zone are in {session.time_zone}.")


def _select(session: Session, rest: str) -> None:
    if rest:
        session.whole().select(rest)
    session.select = rest or None
    session.say(f"Columns: {rest or 'those that fit the filter'}.")


def _format(session: Session, rest: str) -> None:
    session.form = format_named(rest or "table").name
    session.say(f"Rows are written as {session.form}.")


def _timing(session: Session, rest: str) -> None:
    session.timing = _switched("\\timing", rest, session.timing)
    session.say(f"Timing is {'on' if session.timing else 'off'}.")


def _on_error(session: Session, rest: str) -> None:
    session.goes_on = _one_of("\\on-error", rest, ("stop", "continue"), "stop") == "continue"


def _search(session: Session, rest: str) -> None:
    session.show(session.whole().search(rest))


def _explain(session: Session, rest: str) -> None:
    if rest:
        text = session.view_of(rest).explain().canonical
        _run(session, ["explain", "--", text])
    else:
        runs("explain", about="expression", needs_last=True)(session, "")


def _writes(name: str, command: str, files: str) -> Callable[[Session, str], None]:
    """Return what writes the last result by a command of the command line; `files` are names that it takes."""

    def write(session: Session, rest: str) -> None:
        _needs_last(session)
        if not rest:
            raise UsageError(f"\\{name} takes a file", hint=f"its name says the format: {files}")
        assert session.last is not None  # noqa: S101  # for the type checker: `_needs_last` has seen to it
        view = session.last.view
        chosen = [] if session.select is None else ["--select", session.select]
        text = view.explain().canonical or "true"
        _run(session, [command, *chosen, "-o", *_words(rest), "--", text], on=session.last.on)

    return write


def _edit(session: Session, rest: str) -> None:
    if not session.at_terminal:
        raise UsageError("\\e opens an editor, and this is no terminal")
    session.begun = edited(rest or session.typed)


def _quit(session: Session, _rest: str) -> None:
    session.over = True


def _needs_last(session: Session) -> None:
    if session.last is None:
        raise UsageError("there is no result yet", hint="write a filter first; true selects every row")


def _one_of(name: str, given: str, choices: tuple[str, ...], usual: str) -> str:
    if given and given not in choices:
        raise UsageError(f"{name} takes {', '.join(choices[:-1])} or {choices[-1]}")
    return given or usual


def _switched(name: str, given: str, now: bool) -> bool:
    return not now if not given else _one_of(name, given, ("on", "off"), "on") == "on"


COMMANDS: dict[str, Command] = {
    row.name: row
    for row in (
        Command("d", "[FIELD…]", "Keys: type, how full, distinct values, range, top values.",
                runs("describe", field_option="--select"), words=("facet",)),
        Command("facet", "FIELD…", "Count the last result by the values of fields, in bars.",
                runs("facet", about="where"), words=("facet",)),
        Command("describe", "[FIELD…]", "As \\d, over the last result.",
                runs("describe", about="expression", field_option="--select"), words=("facet",)),
        Command("search", "TEXT", "Rows with a text in any of their texts.", _search),
        Command("save", "NAME", "Save the last filter, for use as @NAME.",
                runs("filter", "save", about="expression", needs_last=True), words=("filter", "save")),
        Command("collect", "TITLE", "Make a Collection of the last result.",
                runs("collection", "new", about="where", needs_last=True), words=("collection", "new")),
        Command("send", "TITLE", "Send a Collection to Encord.", runs("collection", "send"),
                words=("collection", "send")),
        Command("explain", "[FILTER]", "What the last filter selects, in words and as SQL.", _explain),
        Command("o", "FILE", "Write all rows of the last result; the file's name says the format.",
                _writes("o", "query", "weak.parquet, weak.csv, weak.ndjson"), words=("query", "-o")),
        Command("export", "FILE", "The same for other programs: COCO (x.coco.json), Arrow, ids (x.txt), too.",
                _writes("export", "export", "cars.coco.json, ids.txt, all.arrow"), words=("export", "-o")),
        Command("open", "UNIT", "One data unit whole: metadata, labels, predictions, history.", runs("open"),
                words=("open",)),
        Command("on", "RELATION", "Ask data, labels or predictions.", _on,
                choices=("data", "labels", "predictions")),
        Command("as-of", "[SNAPSHOT|DATE]", "Ask an earlier snapshot; the newest without one.", _as_of,
                words=("query", "--as-of")),
        Command("time-zone", "[ZONE]", "Zone of dates and times without one.", _time_zone),
        Command("select", "[FIELDS]", "Columns, separated by commas; the usual ones without.", _select,
                words=("query", "--select")),
        Command("format", "[FORMAT]", "Write rows as table, json, ndjson or csv.", _format, choices=tuple(FORMATS)),
        Command("timing", "[on|off]", "Say how long each answer took.", _timing, choices=("on", "off")),
        Command("on-error", "stop|continue", "What a script does after an error.", _on_error,
                choices=("stop", "continue")),
        Command("e", "[FILTER]", "Write the next filter in an editor, from the last one.", _edit),
        Command("?", "", "This list.", _help),
        Command("q", "", "Leave; so does Ctrl-D.", _quit),
    )
}  # fmt: skip
"""Every command of the conversation, by name, in the order of the list."""
