"""Completion in bash, zsh and fish: the scripts, and the answers that they ask `metaquery` for.

A script calls `metaquery` with `_METAQUERY_COMPLETE` set to the shell's name, and `COMP_LINE` to the line up to the
cursor. The answer's first line says what follows: `file` or `directory` (the shell's own), `whole` words, or words that
go `on`, which the shell should not end. Each further line is a word, for the menus of zsh and fish with a remark behind
a tab.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from metaquery.cli.shell_words import Line, quoted, taken_apart

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.cli.completing import Offer

__all__ = ["SCRIPTS", "answer", "lines_of"]


_LISTING = "63"
"""Bash's `COMP_TYPE` when the words are only shown."""

_BASH = """\
_metaquery_complete() {
    local reply
    mapfile -t reply < <(_METAQUERY_COMPLETE=bash COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_TYPE="$COMP_TYPE" \\
        "$1" 2>/dev/null)
    case ${reply[0]} in
        file) compopt -o default ;;
        directory) compopt -o dirnames ;;
        on) compopt -o nospace; COMPREPLY=("${reply[@]:1}") ;;
        whole) COMPREPLY=("${reply[@]:1}") ;;
    esac
    return 0
}
complete -o nosort -F _metaquery_complete metaquery
"""

_ZSH = """\
#compdef metaquery
_metaquery() {
    local -a reply values shown
    local line="${(j: :)words[1,CURRENT-1]} ${QIPREFIX}${PREFIX}" mode
    reply=("${(@f)$(_METAQUERY_COMPLETE=zsh COMP_LINE=$line "${(Q)words[1]}" 2>/dev/null)}")
    mode=$reply[1]
    shift reply
    values=("${(@)reply%%$'\\t'*}")
    shown=("${(@)reply#*$'\\t'}")
    case $mode in
        file) _files ;;
        directory) _files -/ ;;
        on) compadd -Q -U -S '' -V metaquery -l -d shown -a values ;;
        whole) compadd -Q -U -V metaquery -l -d shown -a values ;;
    esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _metaquery "$@"
else
    compdef _metaquery metaquery
fi
"""

_FISH = """\
function __metaquery_complete
    set -lx _METAQUERY_COMPLETE fish
    set -lx COMP_LINE (commandline -cp | string collect)
    set -l reply (metaquery 2>/dev/null)
    switch "$reply[1]"
        case file
            __fish_complete_path (commandline -ct)
        case directory
            __fish_complete_directories (commandline -ct)
        case on whole
            printf '%s\\n' $reply[2..-1]
    end
end
complete -c metaquery -f -a '(__metaquery_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""Each shell's script."""


def answer(shell: str, offers: Callable[[Line], tuple[str, list[Offer]]]) -> None:
    """Print the answer for the line that the environment has; whatever goes wrong, nothing is offered.

    Parameters
    ----------
    shell
        One of `SCRIPTS`.
    offers
        Returns the first line of the answer, and what to offer.
    """
    try:
        line = taken_apart(os.environ.get("COMP_LINE", ""), shell)
        mode, found = offers(line)
        words = lines_of(found, line, shell, goes_on=mode == "on", listing=os.environ.get("COMP_TYPE") == _LISTING)
        text = "".join(f"{each}\n" for each in (mode, *words))
    except Exception:  # noqa: BLE001  # whoever presses a key waits for no explanation
        return
    sys.stdout.buffer.write(text.encode("utf-8", "ignore"))
    sys.stdout.flush()


def lines_of(found: list[Offer], line: Line, shell: str, *, goes_on: bool, listing: bool) -> list[str]:
    """Return a line an offer; what no line can hold is left out."""
    rows: list[tuple[str, str]] = []
    for offer in found:
        word = quoted(offer.text, line, shell, goes_on=goes_on)
        shown = f"{offer.label}  {offer.remark}" if offer.remark and shell != "fish" else offer.remark or offer.label
        if word is not None and word.isprintable() and shown.isprintable():
            rows.append((word, shown))
    if shell == "bash":
        if listing and len(rows) > 1:
            return [shown for _, shown in rows]
        rows = [(word, "") for word, _ in rows]
    if goes_on and len(rows) == 1 and shell != "zsh":
        # Of two words the shell types what they share, and neither closes the quotation nor ends the word.
        rows.append((f"{rows[0][0]} ", rows[0][1]))
    return [f"{word}\t{shown}" if shown else word for word, shown in rows]
