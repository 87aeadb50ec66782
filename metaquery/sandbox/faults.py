"""Faults on request, so that a client can be tested against a bad day: rules over incoming requests.

A rule matches a regular expression against `<METHOD> <target> <query_type>`. Rules are tried in order; the first
that fires decides.
"""

from __future__ import annotations

import re
from random import Random
from typing import Literal

import msgspec

from metaquery.sandbox.answers import Refusal

__all__ = ["Fault", "Faults", "Rule"]


class Rule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One rule.

    Parameters
    ----------
    match
        Regular expression, searched in `<METHOD> <target> <query_type>`.
    kind
        `status` answers with an HTTP status; `envelope` with a legacy error inside HTTP 200; `truncate` cuts
        the body in its middle; `malformed` sends a complete body that is not JSON; `reset` drops the connection
        without an answer; `delay` answers late, and otherwise as usual. Three answer with status 200 and in the
        protocol's form: `duplicate` sends some rows of the page twice, in any order; `reorder` sends them in another
        order; `edit` first gives a data unit, drawn by `seed`, the client metadata of another one, and then answers
        as usual. `rewrite` replaces texts in the body, for values that no client of ours would write.
        `die` kills the server, as SIGKILL does, before the request takes effect, or with `apply` after.
        Two do a part of what was asked, where members are added, linked or removed: `refuse` leaves some out and names
        them in `failedItems`, `swallow` leaves some out without a word.
    query_method
        For legacy requests, only those of this method (`GET`, `POST`, …).
    times
        How often it fires; None without end.
    after
        How many matching requests pass before it may fire.
    probability
        Chance to fire at each match, decided by `seed`.
    quiet
        For `edit`: whether the unit's `last_edited_at` stays as it was.
    texts
        For `rewrite`: what to put in the place of each text.
    share
        Of the members that `refuse` and `swallow` leave out; one at least.
    apply
        Whether the request takes effect all the same (`truncate` and `malformed` always do): the lost answer.
    """

    match: str
    kind: Literal[
        "status", "envelope", "truncate", "malformed", "reset", "delay", "duplicate", "reorder", "edit", "rewrite",
        "refuse", "swallow", "die",
    ]  # fmt: skip
    query_method: str | None = None
    status: int = 503
    code: str = "UNKNOWN_ERROR"
    retry_after: str | None = None
    body: str | None = None
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    delay_s: float = 0.0
    quiet: bool = False
    texts: dict[str, str] = {}
    share: float = 0.1
    apply: bool = False


class Fault:
    """A rule at work: it counts what it has seen and done."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        try:
            self._pattern = re.compile(rule.match)
        except re.error as error:
            raise Refusal(400, f"match is not a regular expression: {error}") from None
        self.dice = Random(rule.seed)  # noqa: S311 - repeatable on purpose
        self._seen = 0
        self._fired = 0

    def fires(self, described: str, query_method: str) -> bool:
        """Whether this request is to suffer; counts it."""
        rule = self.rule
        if self._pattern.search(described) is None or rule.query_method not in {None, query_method}:
            return False
        self._seen += 1
        if self._seen <= rule.after or (rule.times is not None and self._fired >= rule.times):
            return False
        if rule.probability < 1 and self.dice.random() >= rule.probability:
            return False
        self._fired += 1
        return True


class _Rules(msgspec.Struct, forbid_unknown_fields=True):
    rules: list[Rule]


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def replace(self, body: bytes) -> int:
        """Read the rules of a `POST /sandbox/faults` and put them in force; returns how many."""
        try:
            rules = msgspec.json.decode(body, type=_Rules).rules
        except msgspec.DecodeError as error:
            raise Refusal(400, f"the rules cannot be read: {error}") from None
        self._faults = [Fault(rule) for rule in rules]
        return len(rules)

    def clear(self) -> None:
        """Take all rules out of force."""
        self._faults = []

    def pick(self, described: str, query_method: str) -> Fault | None:
        """Give the fault that this request suffers, if any."""
        return next((f for f in self._faults if f.fires(described, query_method)), None)
