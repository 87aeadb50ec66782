"""What Lark refuses, in words: which mistake it is, where, and what to write instead.

Lark knows the token that did not fit and the terminals that would have. Terminals are put into words by `_WORDS`, never
shown as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from metaquery.errors import FilterSyntaxError, Span
from metaquery.language.limits import WORDS, bad_character
from metaquery.language.literals import DATETIME_FORMS, shortened

if TYPE_CHECKING:
    from lark import Token

__all__ = ["empty", "explain"]

_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("a field or a value", frozenset({"NAME", "STRING", "INTEGER"})),
    ("an operator", frozenset({"COMPARE"})),
    ("and", frozenset({"AND"})),
    ("or", frozenset({"OR"})),
    ("a list in brackets", frozenset({"LBRACKET"})),
    ("a text in single quotes", frozenset({"STRING", "ESCAPED"})),
    ("a whole number", frozenset({"INTEGER"})),
    ("a field", frozenset({"NAME", "QUOTED"})),
    ("a comma", frozenset({"COMMA"})),
    (")", frozenset({"RPAR"})),
    ("]", frozenset({"RBRACKET"})),
    ("order by", frozenset({"ORDER_BY"})),
    ("limit", frozenset({"LIMIT"})),
    ("the end", frozenset({"$END"})),
)
"""In words; the first whose terminals are all among those that fit takes them away from those below it."""

_STARTS_VALUE = frozenset({
    "NAME", "QUOTED", "SAVED", "PARAMETER", "STRING", "ESCAPED", "INTEGER", "DECIMAL", "DATETIME", "DAY", "MONTH",
    "DURATION", "LPAR", "LBRACKET", "TRUE", "FALSE", "NULL", "NOT", "BANG", "QUANTIFIER", "IN_COLLECTION",
})  # fmt: skip

_TESTS = frozenset({"COMPARE", "BETWEEN", "IN", "LIKE", "MATCH", "TEXT", "HAS", "HAS_EACH", "IS"})

_AFTER_VALUE = frozenset({"AND", "OR", "$END", "RPAR", "RBRACKET", "COMMA"})

_UNITS = re.compile(
    r"(?i)[\d_]+(?:\.\d+)?(?:m|M|ms|s|min|h|d|w|mo|y|secs?|seconds?|mins|minutes?|hrs?|hours?|days?|weeks?|mon|months?"
    r"|yrs?|years?)"
)

_RUN = re.compile(r"[\w.:+-]+")

_DATED = re.compile(r"\d{4}-\d\d?-\d\d?[Tt.:\w+-]")


def empty(text: str) -> FilterSyntaxError:
    """Return the error for a text with nothing in it: a script whose variable is empty must not select everything."""
    hint = "write true to select every row"
    return FilterSyntaxError("empty-expression", "the filter is empty", text, Span(0, len(text)), hint)


def explain(error: UnexpectedInput, text: str, start: str) -> FilterSyntaxError:
    """Return the error to raise for what Lark refused.

    Parameters
    ----------
    error
        Lark's error.
    text
        The whole filter.
    start
        `filter` or `view`.
    """
    if not text.strip():
        return empty(text)
    match error:
        case UnexpectedCharacters():
            return _at_character(text, error.pos_in_stream or 0)
        case UnexpectedToken():
            return _at_token(error, text, start)
        case _:
            end = len(text.rstrip())
            return FilterSyntaxError("unexpected-end", "the filter ends too early", text, Span(end, end))


def _at_character(text: str, at: int) -> FilterSyntaxError:  # noqa: PLR0911  # one case a node
    rest = text[at:]
    if re.match(r"(?i)e?'", rest):
        return _no_end_of_text(at + rest.index("'"), text)
    if rest[0] in '"`':
        hint = f"close the name with {rest[0]}; texts are written in single quotes"
        return FilterSyntaxError("unterminated-name", "this name has no end", text, Span(at, len(text)), hint)
    if rest.startswith("/*"):
        return FilterSyntaxError(
            "unterminated-comment", "this comment has no end", text, Span(at, len(text)), "close it: */"
        )
    if rest[0].isdigit() or re.match(r"\.[\d]", rest):
        return _bad_number(text, at)
    if rest[0] == "@":
        hint = 'a saved filter is written @name or @"a name"'
        return FilterSyntaxError(
            "unexpected-token", "@ stands before the name of a saved filter", text, Span(at, at + 1), hint
        )
    if rest[0] == ":":
        hint = 'a value given beside the text is written :name; a field whose name begins so is quoted: ":name"'
        return FilterSyntaxError("unexpected-token", ": begins no name", text, Span(at, at + 1), hint)
    if rest[0] == ".":
        return FilterSyntaxError(
            "unexpected-token",
            "a period stands inside of a name only",
            text,
            Span(at, at + 1),
            'a name that ends in one is quoted: "name."',
        )
    if rest[0] == "=":
        return FilterSyntaxError("unexpected-token", "= does not fit here", text, Span(at, at + 1))
    return bad_character(text, at)


def _bad_number(text: str, at: int) -> FilterSyntaxError:
    low = at
    while low and _RUN.fullmatch(text[low - 1]):
        low -= 1
    run = _RUN.match(text, low)
    whole = Span(low, run.end() if run else at + 1)
    written = shortened(text[whole.start : whole.end])
    if _DATED.match(written):
        return FilterSyntaxError("bad-datetime", f"{written} is no date-time", text, whole, DATETIME_FORMS)
    run = re.compile(r"[\w.]+").match(text, at)
    span = Span(at, run.end() if run else at + 1)
    written = shortened(text[span.start : span.end])
    if _UNITS.fullmatch(written):
        lone = written[-1] in "mM" and (len(written) == 1 or written[-2].isdigit())
        digits = written.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        units = "ms s min h d w mo y"
        message = f"{written}: min or mo?" if lone else f"{written} has no unit that durations have"
        hint = (
            f"write {digits}min for minutes, {digits}mo for months"
            if lone
            else f"units are {units}: {digits}d is {digits} days"
        )
        return FilterSyntaxError("bad-duration", message, text, span, hint)
    hint = "numbers are written 42, 1_000, 3.14, 6e23; a name that starts with a digit is quoted"
    return FilterSyntaxError("bad-number", f"{written} is no number", text, span, hint)


def _at_token(error: UnexpectedToken, text: str, start: str) -> FilterSyntaxError:
    token = error.token
    fits: set[str] = set(error.accepts or ())
    if token.type == "$END":
        end = len(text.rstrip())
        message = "the filter ends too early"
        return FilterSyntaxError("unexpected-end", message, text, Span(end, end), _expected(fits, start))
    span = Span(token.start_pos or 0, token.end_pos or 0)
    special = _special(token, span, fits, text)
    if special is not None:
        return special
    message = f"{_shown(token)} does not fit here"
    return FilterSyntaxError("unexpected-token", message, text, span, _expected(fits, start))


def _special(token: Token, span: Span, fits: set[str], text: str) -> FilterSyntaxError | None:  # noqa: PLR0911  # one a mistake
    complete = "NAME" not in fits and not fits.isdisjoint(_AFTER_VALUE)
    word = token.lower()
    if token.type in {"ORDER_BY", "LIMIT"} and complete:
        return _no_order(" ".join(word.split()), span, text)
    if complete and token.type in _TESTS and "COMPARE" not in fits:
        return _chained(token, span, text)
    if _is_name_there(token, fits, text):
        message = f"{word} is a word of the language"
        return FilterSyntaxError("reserved-word", message, text, span, f'a field of this name is quoted: "{token}"')
    order = re.search(r"(?i)\b(?:order|sort)\s+$", text[: span.start]) if word == "by" else None
    if complete and order:
        return _no_order("order by", Span(order.start(), span.end), text)
    if token.type == "STRING" and re.search(r"(?:^|[^\w.:])[eE]$", text[: span.start]):
        return _no_end_of_text(span.start, text)
    if complete and token.type in _STARTS_VALUE:
        return FilterSyntaxError(
            "missing-and",
            f"something is missing before {_shown(token)}",
            text,
            span,
            _between_two(token, text),
        )
    if token.type == "COMPARE" and text[span.start - 1 : span.end] in {"=<", "=>"}:
        op = text[span.start - 1 : span.end][::-1]
        message = f"{text[span.start - 1 : span.end]} is no operator"
        return FilterSyntaxError("unexpected-token", message, text, Span(span.start - 1, span.end), f"write {op}")
    return None


def _no_order(word: str, span: Span, text: str) -> FilterSyntaxError:
    hint = "a filter is a set: give order and limit to the view"
    return FilterSyntaxError("not-a-filter", f"{word} is no part of a filter", text, span, hint)


def _no_end_of_text(quote: int, text: str) -> FilterSyntaxError:
    hint = "a quote inside of a text is written twice: 'O''Brien'"
    return FilterSyntaxError("unterminated-string", "this text has no end", text, Span(quote, len(text)), hint)


def _is_name_there(token: Token, fits: set[str], text: str) -> bool:
    if token.lower() not in WORDS or "NAME" not in fits:
        return False
    return re.match(r"(?i)\s*(?:[=<>!~*/%^+)]|is\b|between\b|like\b|\Z)", text[token.end_pos or 0 :]) is not None


def _between_two(token: Token, text: str) -> str:
    """Guess what was meant by two values side by side."""
    word = token.lower().replace("_", "")
    before = text[: token.start_pos or 0].rstrip()
    if word in {"starts", "ends", "istarts", "iends", "startswith", "endswith"}:
        return f"write {word.removesuffix('with')} with"
    if word in {"ascending", "descending"} and re.search(r"(?i)\b(?:order|sort)\s+by\b", before):
        return f"write {word.removesuffix('ending')}"
    number = re.search(r"[\d_]+(?:\.\d+)?$", before)
    if number and _UNITS.fullmatch(f"1{word}"):
        return f"a duration is written without a blank: {number[0]}d"
    phrase = re.search(r"[=<>]\s*([^\W\d]\w*)$", before)
    if phrase and token.type == "NAME":
        return f"a text is written in single quotes: '{phrase[1]} {token}'"
    return "did you forget and?"


def _chained(token: Token, span: Span, text: str) -> FilterSyntaxError:
    hint = "join two comparisons by and"
    before = re.search(r"([\w.]+)\s*(<=?|>=?)\s*([\w.]+)\s*$", text[: span.start])
    after = re.match(r"\s*([\w.]+)", text[span.end :])
    if before and after and str(token)[0] == before[2][0]:
        low, x, high = before[1], before[3], after[1]
        low, high = (low, high) if token[0] == "<" else (high, low)
        hint = f"write {x} between {low} and {high} (both ends count), or join two comparisons by and"
    return FilterSyntaxError("chained-comparison", "comparisons do not chain", text, span, hint)


def _expected(fits: set[str], start: str) -> str | None:
    left = set(fits)
    if start == "filter":
        left -= {"ORDER_BY", "LIMIT"}
    words = []
    for word, terminals in _WORDS:
        if terminals <= left:
            words.append(word)
            left -= terminals | ({"QUOTED", "ESCAPED", "LBRACKET"} if "NAME" in terminals else set())
    if not words:
        return None
    if len(words) > 1:
        return f"here may stand: {', '.join(words[:5])}"
    return f"here may stand {words[0]}"


def _shown(token: str) -> str:
    return shortened(" ".join(token.split()))
