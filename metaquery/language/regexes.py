"""What is known of a regular expression before the query runs: what RE2 has against it, and what every match holds.

The engine has RE2 and says it in RE2's words, where `BindOptions.regex_error` hands it in. Without an engine, what RE2
lacks altogether (look-around, back-references, possessive quantifiers) and what is not balanced is found here; the rest
is refused when the query runs.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metaquery.language.options import BindOptions

__all__ = ["regex_error", "required_text"]

# Compiled by `re` when they are first used.

_LACKS = (
    (r"\(\?<?[=!]", "look-around is not supported: {}"),
    (r"\(\?>", "atomic groups are not supported: {}"),
    (r"\(\?\(", "conditions are not supported: {}"),
    (r"\\[1-9]", "back-references are not supported: {}"),
    (r"\(\?P=", "back-references are not supported: {}"),
    (r"[*+?}]\+", "bad repetition operator: {}"),
)

_OWN = r"\\[pPCzQEk]|\[\[:|\(\?[a-zA-Z-]*[:)]|\(\?<|\\x\{"
"""What RE2 has and Python's `re` reads otherwise: with any of these, `re` is no judge."""


def regex_error(pattern: str, options: BindOptions) -> str | None:
    """Return what is wrong with a pattern, None where it seems right."""
    if options.regex_error is not None:
        return options.regex_error(pattern)
    bare = re.sub(r"\\\\|\\[^1-9]|\[\^?\]?(?:\\.|[^\]\\])*\]", lambda m: "x" * len(m[0]), pattern)
    for lack, message in _LACKS:
        found = re.search(lack, bare)
        if found:
            return message.format(found[0])
    if re.search(_OWN, pattern):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError) as error:
        return str(error)
    except RecursionError:
        return "groups are nested too deep"
    return None


_LITERAL_LEAST = 3
"""Characters from which on looking for a text first pays."""

_STEP = r"\\([^\w\s])|([^\\.^$*+?{}\[\]()|])"
"""One character that stands for itself: escaped punctuation, or no character of the syntax."""


def required_text(pattern: str) -> str | None:
    """Return a text that every match of a pattern holds, None where none is sure.

    A search for it costs a fraction of one with the expression, and rules out most rows before. The pattern is read
    from the left up to the first group or class, and not at all where there are alternatives: what is read is then
    needed whatever follows.

    Parameters
    ----------
    pattern
        Of RE2, case-sensitive.
    """
    if "|" in pattern:
        return None
    best = run = ""
    at = 0
    while at < len(pattern):
        step = re.compile(_STEP).match(pattern, at)
        if step is None:
            best, run = max(best, run, key=len), ""
            if pattern[at] not in ".^$+":
                break  # a class, a group, an escape with a meaning, a quantifier: what follows is not looked at
            at += 1
            continue
        at = step.end()
        if pattern[at : at + 1] in {"*", "?", "{"}:
            break  # this character may be missing
        run += step[1] or step[2]
    best = max(best, run, key=len)
    return best if len(best) >= _LITERAL_LEAST else None
