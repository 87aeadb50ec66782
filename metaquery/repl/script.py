"""Lines from a pipe: run one after another, until one fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language.tokens import tokens
from metaquery.repl.session import wants_more

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from metaquery.repl.session import Session

__all__ = ["run_script", "statements"]


def run_script(session: Session, lines: Iterable[str]) -> int:
    r"""Run lines, and return the exit code: that of the first that failed, as the command line has it.

    It ends at the first failure, unless the script has said `\on-error continue`.
    """
    for statement in statements(session, lines):
        session.run(statement)
        if session.over:
            break
    return session.code


def statements(session: Session, lines: Iterable[str]) -> Iterator[str]:
    """Return what is run: a command a line; a filter goes on over lines for as long as it ends too early."""
    begun = ""
    for line in lines:
        command = line.lstrip().startswith("\\")
        if begun and (command or not line.strip()):
            yield begun
            begun = ""
        text = f"{begun}\n{line.rstrip()}" if begun else line.strip()
        if not command and wants_more(session.refined(text).text):
            begun = text
        elif command or tokens(text):
            yield text
            begun = ""
    if begun:
        yield begun
