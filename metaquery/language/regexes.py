"""What RE2 has against a regular expression, before the query runs.

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

__all__ = ["regex_error"]

_LACKS = (
    (re.compile(r"\(\?<?[=!]"), "look-around is not supported: {}"),
    (re.compile(r"\(\?>"), "atomic groups are not supported: {}"),
    (re.compile(r"\(\?\("), "conditions are not supported: {}"),
    (re.compile(r"\\[1-9]"), "back-references are not supported: {}"),
    (re.compile(r"\(\?P="), "back-references are not supported: {}"),
    (re.compile(r"[*+?}]\+"), "bad repetition operator: {}"),
)

_OWN = re.compile(r"\\[pPCzQEk]|\[\[:|\(\?[a-zA-Z-]*[:)]|\(\?<|\\x\{")
"""What RE2 has and Python's `re` reads otherwise: with any of these, `re` is no judge."""


def regex_error(pattern: str, options: BindOptions) -> str | None:
    """Return what is wrong with a pattern, None where it seems right."""
    if options.regex_error is not None:
        return options.regex_error(pattern)
    bare = re.sub(r"\\\\|\\[^1-9]|\[\^?\]?(?:\\.|[^\]\\])*\]", lambda m: "x" * len(m[0]), pattern)
    for lack, message in _LACKS:
        found = lack.search(bare)
        if found:
            return message.format(found[0])
    if _OWN.search(pattern):
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
