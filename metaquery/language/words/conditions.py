"""Conditions in words, and queries with their order and limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.errors import visible
from metaquery.language import query
from metaquery.language.printing import string_text
from metaquery.language.query import Column, Constant, Predicate, Query, Value
from metaquery.language.words.comparisons import Comparisons
from metaquery.language.words.joining import ANYTHING, NOTHING, Clause, joined, listed, remarks
from metaquery.language.words.moments import Calendar
from metaquery.language.words.values import is_condition, is_known

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["in_words"]

_TEXTS = {"contains": ("contains", "contain"), "starts with": ("starts", "start"), "ends with": ("ends", "end")}

_ORDERS = {
    "NUMBER": ("smallest first", "largest first"),
    "DATETIME": ("earliest first", "latest first"),
    "DURATION": ("shortest first", "longest first"),
    "PERIOD": ("earliest first", "latest first"),
    "BOOLEAN": ("false first", "true first"),
}


def in_words(bound: Query | Predicate, *, time_zone: str) -> str:
    r"""Say in English what a filter selects.

    Parameters
    ----------
    bound
        What `bind` or `compile_view` returned.
    time_zone
        The one that dates are said in; that of the query.

    Returns
    -------
    str
        One line. Control and bidi characters in it are shown as `\u{…}`.

    Raises
    ------
    UsageError
        There is no such time zone.
    """
    words = _Words(Calendar.of(time_zone))
    text = words.selection(bound) if isinstance(bound, Query) else words.clause(bound).text
    return "".join([visible(char) for char in text])


class _Words(Comparisons):
    """Says conditions; `Comparisons` says those that compare, `Values` what they are about."""

    def selection(self, asked: Query) -> str:
        """Say which rows, in which order, how many."""
        which = ANYTHING if asked.where is None else self.clause(asked.where)
        rows = {ANYTHING: f"every {asked.relation.singular}", NOTHING: f"no {asked.relation.singular}"}
        pieces = [rows.get(which, which.text)]
        if asked.order:
            pieces.append(f"sorted by {', then by '.join([self.sort_key(key) for key in asked.order])}")
        if asked.limit is not None:
            first = {0: "none of them", 1: "the first one"}.get(asked.limit, f"the first {asked.limit:,}")
            pieces.append(first if asked.order or not asked.limit else f"{first} by {', '.join(asked.relation.key)}")
        return "; ".join(pieces)

    def sort_key(self, key: query.SortKey) -> str:
        """Say one key of an order."""
        direction = _ORDERS.get(key.key.type, ("ascending", "descending"))[key.descending]
        how = "" if key.key.type in _ORDERS else "by character code"
        nulls = "" if is_known(key.key) else f"rows without a value {'first' if key.nulls_first else 'last'}"
        return f"{self.value(key.key)}, {direction}{remarks(how, nulls)}"

    def clause(self, node: Predicate, *, so: bool = True, whether: bool = False) -> Clause:  # noqa: C901, PLR0911, PLR0912  # one case a node
        match node:
            case query.Or() | query.And() | query.Not() | query.Temporal():
                return self._joined(node, so=so, whether=whether)
            case query.Compare():
                return self.compare(node.op, node.left, node.right, so=so, whether=whether)
            case query.Between():
                return self.between(node, so=so)
            case query.In():
                return self.among(node, so=so, whether=whether)
            case query.Like():
                return self._like(node, so=so, whether=whether)
            case query.Matches():
                what = f"the regular expression {self.value(node.pattern)}{remarks('ignoring case' * node.ci)}"
                return self._tested(node.x, ("matches", "match"), node.pattern, what, so=so, whether=whether)
            case query.Text():
                return self._text(node, so=so, whether=whether)
            case query.Has():
                return self._has(node, so=so, whether=whether)
            case query.Is():
                return self._is(node, so=so, whether=whether)
            case query.IsNull():
                return self._is_null(node.x, so=so)
            case query.IsMissing() | query.IsInvalid():
                return self._misfit(node, so=so)
            case query.InCollection():
                return Clause(f"the data unit is {self._collections(node.names, so=so)}")
            case query.Quantified():
                return Clause(self._quantified(node, so=so))
            case query.Function() if is_condition(node):
                return self.called(node, so=so, whether=whether)
            case Constant(value=bool() as truth):
                return ANYTHING if truth is so else NOTHING
            case _:
                return Clause(f"{self.value(node)} is {'true' if so else 'false'}")

    def _joined(self, node: Predicate, *, so: bool, whether: bool) -> Clause:
        """Say `and`, `or` and `not`; `not` goes to the conditions, and what joins alike becomes one list."""
        word = ""
        found: list[tuple[Predicate, bool]] = []
        waiting: list[tuple[Predicate, bool]] = [(node, so)]
        while waiting:
            part, this = _bare(*waiting.pop(), whether=whether)
            own = "" if not isinstance(part, query.And | query.Or) else _word(part, so=this)
            word = word or own
            if isinstance(part, query.And | query.Or) and own == word:
                waiting.extend([(arg, this) for arg in reversed(part.args)])
            else:
                found.append((part, this))
        clauses = [self.clause(part, so=this, whether=whether) for part, this in found]
        idle, deciding = (ANYTHING, NOTHING) if word == "and" else (NOTHING, ANYTHING)
        if word and deciding in clauses:
            return deciding
        return joined(word, [clause for clause in clauses if not word or clause != idle] or [idle])

    # ------------------------------------------------------------------ texts and lists

    def _tested(self, x: Value, verb: tuple[str, str], other: Value, what: str, *, so: bool, whether: bool) -> Clause:
        """Say that `x` passes a test against `other`, said as `what`; `verb` is `contains`, `contain`."""
        subject = self.value(x)
        if so:
            return Clause(f"{subject} {verb[0]} {what}")
        needed = [self.value(value) for value in (x, other) if not is_known(value)]
        if whether or not needed:
            return Clause(f"{subject} does not {verb[1]} {what}")
        if needed == [subject]:
            return Clause(f"{subject} has a value that does not {verb[1]} {what}")
        have = "has a value" if len(needed) == 1 else "have values"
        return Clause(f"{listed(needed)} {have}, and {subject} does not {verb[1]} {what}", single=False)

    def _like(self, node: query.Like, *, so: bool, whether: bool) -> Clause:
        (x, pattern), ignored = self.folded(node.x, node.pattern)
        what = f"the pattern {self.value(pattern)}{remarks(ignored or 'ignoring case' * node.ci)}"
        return self._tested(x, ("matches", "match"), pattern, what, so=so, whether=whether)

    def _text(self, node: query.Text, *, so: bool, whether: bool) -> Clause:
        (x, y), ignored = self.folded(node.x, node.y)
        said = (
            f"{' with' * (node.kind != 'contains')} {self.beside(y, x)}{remarks(ignored or 'ignoring case' * node.ci)}"
        )
        return self._tested(x, _TEXTS[node.kind], y, said.strip(), so=so, whether=whether)

    def _has(self, node: query.Has, *, so: bool, whether: bool) -> Clause:
        x, kind = self.value(node.x), node.kind
        items = list(dict.fromkeys([self.beside(item, node.x) for item in node.items]))
        if not items:
            return Clause(self._has_nothing(x, kind, so=so))
        sure = whether or all(is_known(item) for item in node.items)
        if kind == "none":
            kind, so = "any", not so
        if len(items) == 1 and kind != "only":
            if not (so or sure):
                return Clause(f"{self.value(node.items[0])} has a value, and {x} does not include it", single=False)
            return Clause(f"{x} {'includes' if so else 'does not include'} {items[0]}")
        verb = {
            "any": ("includes at least one of", "includes none of"),
            "all": ("includes all of", "does not include all of"),
            "only": ("includes nothing other than", "includes something other than"),
        }[kind][not so]
        some = "those that have a value" if kind == "all" and not so else "which all have values"
        alone = sure or (so and kind != "all")  # one of them decides, whatever the others are
        return Clause(f"{x} {verb} {listed(items)}{remarks('' if alone else some)}")

    def _has_nothing(self, x: str, kind: str, *, so: bool) -> str:
        if kind == "only":
            return f"{x} is {'' if so else 'not '}empty"
        always = "always" if so is (kind != "any") else "never"
        verb = "includes" if so is (kind != "none") else "does not include"
        what = "all" if kind == "all" else "any"
        return f"{x} {verb} {what} of an empty list (which is {always} so)"

    # ------------------------------------------------------------------ what is known

    def _is(self, node: query.Is, *, so: bool, whether: bool) -> Clause:
        """Say a null-safe comparison. Only its being true counts, unless it stands behind "whether"."""
        x, v = node.x, node.v
        if isinstance(x, Constant) and not isinstance(v, Constant):
            x, v = v, x
        if not (isinstance(v, Constant) and is_known(v)):
            return self._is_same(x, v, so=so, whether=whether)
        test, this = (x, v.value) if isinstance(v.value, bool) else (query.Compare("=", x, v), True)
        if whether:
            return Clause(f"it is {'' if so else 'not '}certain that {self.clause(test, so=this).whole}", single=False)
        return self.clause(test, so=this) if so else self._or_unknown(test, so=not this)

    def _is_same(self, x: Value, v: Value, *, so: bool, whether: bool) -> Clause:
        pair = f"{self.side(x)} and {self.side(v)}"
        if x.type == "BOOLEAN":
            both = "both true, both false or both" if so else "neither both true nor both false nor both"
            return Clause(f"{pair} are {both} unknown", single=False)
        if whether:
            same = self._is_same(x, v, so=True, whether=False)
            return Clause(f"it is {'' if so else 'not '}certain that {same.whole}", single=False)
        rest = "neither has a value" if so else "only one of them has a value"
        return Clause(f"{self.compare('=', x, v, so=so, whether=True).text}, or {rest}", single=False)

    def _or_unknown(self, test: Predicate, *, so: bool) -> Clause:
        """Say that a condition is so, or unknown."""
        test, so = _bare(test, so, whether=True)
        needed = _needed(test)
        if needed == []:
            return self.clause(test, so=so)
        if needed is not None and len(needed) == 1 and _subject(test) in {None, needed[0]}:
            return Clause(f"{self.clause(test, so=so, whether=True).text}, or has no value", single=False)
        return Clause(f"it is not certain that {self.clause(test, so=not so).whole}", single=False)

    def _is_null(self, x: Value, *, so: bool) -> Clause:
        if x.type == "BOOLEAN" and not isinstance(x, Column):
            return Clause(f"it is {'un' * so}known {self.value(x)}", single=False)
        kinds = " (missing or invalid)" * (so and isinstance(x, Column) and x.field.qualifier == "meta")
        return Clause(f"{self.value(x)} has {'no' if so else 'a'} value{kinds}")

    def _misfit(self, node: query.IsMissing | query.IsInvalid, *, so: bool) -> Clause:
        if isinstance(node, query.IsMissing):
            said = "missing (absent or null)" if so else "not missing (valid or invalid)"
        else:
            said = f"invalid (not {node.column.field.field_type.expected})" if so else "not invalid (valid or missing)"
        return Clause(f"{self.value(node.column)} is {said}")

    # ------------------------------------------------------------------ other rows

    def _collections(self, names: Sequence[str], *, so: bool) -> str:
        said = listed([string_text(name) for name in dict.fromkeys(names)])
        if len(set(names)) == 1:
            return f"{'' if so else 'not '}in the Collection {said}"
        return f"in {'at least one' if so else 'none'} of the Collections {said}"

    def _quantified(self, node: query.Quantified, *, so: bool) -> str:
        one = node.relation.singular
        if node.which != "every" or node.where is None:
            some = "at least one" if (node.which == "any") is so else "no"
            return f"the data unit has {some} {one}{self.which(node.relation, node.where)}"
        simple = self.simple(node.relation, node.where)
        said = f"has {simple}" if simple else f"is one where ({self.clause(node.where).text})"
        return f"{'every' if so else 'not every'} {one} of the data unit{' (if there is any)' * so} {said}"


def _bare(node: Predicate, so: bool, *, whether: bool) -> tuple[Predicate, bool]:
    """Take off what only turns a condition round, or says that it is true."""
    while True:
        match node:
            case query.Not():
                node, so = node.arg, not so
            case query.Temporal():
                node = node.meaning
            case query.Compare(op="=" | "!=" as op, left=left, right=Constant(value=bool() as truth)):
                node, so = left, (so is truth) is (op == "=")
            case query.Is(x=x, v=Constant(value=bool() as truth)) if so and not whether:
                node, so = x, truth
            case _:
                return node, so


def _word(node: query.And | query.Or, *, so: bool) -> str:
    return "and" if isinstance(node, query.And) is so else "or"


def _subject(test: Predicate) -> Value | None:
    """Return what the words of a condition begin with; None for a comparison, which is turned round if need be."""
    match test:
        case query.Like() | query.Matches() | query.Text() | query.Between() | query.In():
            return test.x
        case query.Compare() if test.right.type == "PERIOD":
            return test.left
        case _:
            return None


def _needed(test: Predicate) -> list[Value] | None:  # noqa: C901  # one case a node
    """Return the values without any of which a condition is unknown; None where that is not so simple."""
    match test:
        case Column():
            values: tuple[Value, ...] = (test,)
        case query.Compare() if test.left.type != "BOOLEAN":
            values = (test.left, test.right)
        case query.Function() if is_condition(test):
            values = test.args
        case query.Like() | query.Matches():
            values = (test.x, test.pattern)
        case query.Text():
            values = (test.x, test.y)
        case query.Between() if is_known(test.low) and is_known(test.high):
            values = (test.x,)
        case query.In() if all(map(is_known, test.items)):
            values = (test.x,) if test.items else ()
        case query.Has() if all(map(is_known, test.items)):
            values = ()
        case query.Quantified() | query.IsNull() | query.IsMissing() | query.IsInvalid() | query.InCollection():
            values = ()
        case query.Is() | Constant():
            values = ()
        case _:
            return None
    return list(dict.fromkeys([value for value in values if not is_known(value)]))
