"""The parser's tables as plain data, and the parser that is made of it.

Lark's own way back asks of each of some five thousand parts what it is, and makes a lexer for each set of tokens that
may come next. Here parts that are alike are made once, and a lexer when a text comes to it: a filter comes to a few of
sixty. So a process has its first filter 5 ms earlier, and less to take apart at its end.
"""

from __future__ import annotations

from copy import copy
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from lark import Lark, Token, Transformer
from lark.grammar import NonTerminal, Rule, RuleOptions, Symbol, Terminal
from lark.lexer import BasicLexer, ContextualLexer, PatternRE, PatternStr, TerminalDef
from lark.parsers.lalr_analysis import Reduce, Shift
from lark.parsers.lalr_parser import LALR_Parser

from metaquery.language.patterns import Kept, Patterns, compile_lexers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from lark.common import LexerConf

__all__ = ["Tables", "packed", "unpacked"]

Parts = tuple[dict[int, tuple[Any, ...]], dict[int, tuple[Any, ...]]]
"""Terminals and rules by number."""

Tables = tuple[dict[str, Any], Parts, Kept]
"""Lark's data, the parts that it names by number, and the compiled expressions of its lexers; plain, for `marshal`."""

_OPTIONS = ("keep_all_tokens", "expand1", "priority", "template_source", "empty_indices")


def packed(parser: Lark) -> Tables:
    """Return what `unpacked` makes the parser of."""
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    own = {"transformer", "cache", "import_paths", "source_path"}
    data["options"] = {name: value for name, value in data["options"].items() if name not in own}
    data, memo = _plain(data), _plain(memo)
    terminals = {n: _packed_terminal(part) for n, part in memo.items() if part["__type__"] == "TerminalDef"}
    rules = {n: _packed_rule(part) for n, part in memo.items() if part["__type__"] == "Rule"}
    table = data["parser"]["parser"]
    tokens = table.pop("tokens")
    actions: dict[tuple[int, int], int] = {}
    for row in table["states"].values():
        for does, to in row.values():
            actions.setdefault((does, to["@"] if does else to), len(actions))
    table["states"] = {
        state: {tokens[token]: actions[does, to["@"] if does else to] for token, (does, to) in row.items()}
        for state, row in table["states"].items()
    }
    table["actions"] = list(actions)
    return data, (terminals, rules), compile_lexers(parser)


def _plain(value: Any) -> Any:
    """Turn Lark's tokens, which are texts with a position, into texts, all the way down."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    return str(value) if isinstance(value, str) else value


def _packed_terminal(part: dict[str, Any]) -> tuple[Any, ...]:
    pattern = part["pattern"]
    width = pattern.get("_width")
    return part["name"], part["priority"], pattern["value"], pattern["flags"], pattern["raw"], width


def _packed_rule(part: dict[str, Any]) -> tuple[Any, ...]:
    expansion = [(symbol["name"], symbol.get("filter_out")) for symbol in part["expansion"]]
    options = tuple(part["options"][name] for name in _OPTIONS)
    return part["origin"]["name"], expansion, part["order"], part["alias"], options


def unpacked(tables: Tables, transformer: Transformer[Token, Any]) -> Lark:
    """Return the parser.

    Parameters
    ----------
    tables
        From `packed`.
    transformer
        Its methods are called as rules are recognised.
    """
    data, (terminals, rules), kept = tables
    symbol, origins, options = cache(_symbol), cache(NonTerminal), cache(RuleOptions)
    memo: dict[int, Rule | TerminalDef] = {n: _terminal(part) for n, part in terminals.items()}
    for number, (origin, expansion, order, alias, chosen) in rules.items():
        parts = [symbol(*part) for part in expansion]
        memo[number] = Rule(origins(origin), parts, order, alias, options(*chosen))
    # The way of Lark's own generated parsers; `Lark.load` would want a pickle.
    loaded: Lark = Lark._load_from_dict(  # type: ignore[no-untyped-call]  # noqa: SLF001
        data,
        memo,
        transformer=transformer,
        _plugins={"LALR_Parser": _Parser, "ContextualLexer": partial(_Lexer, Patterns(kept))},
    )
    return loaded


def _terminal(part: tuple[Any, ...]) -> TerminalDef:
    name, priority, value, flags, raw, width = part
    if width is None:
        return TerminalDef(name, PatternStr(value, flags, raw), priority)
    pattern = PatternRE(value, flags, raw)
    pattern._width = width  # noqa: SLF001  # as Lark puts it back
    return TerminalDef(name, pattern, priority)


def _symbol(name: str, filter_out: bool | None) -> Symbol:
    return NonTerminal(name) if filter_out is None else Terminal(name, filter_out)


class _Parser(LALR_Parser):
    """Has each action of its table once, where Lark's makes it anew for each of three thousand entries."""

    @classmethod
    def deserialize(cls, data: Any, memo: Any, *given: Any) -> Any:
        """Return the parser; as Lark calls it."""
        empty = {**data, "tokens": {}, "states": {}}
        made = super().deserialize(empty, memo, *given)  # type: ignore[no-untyped-call]
        actions = [(Reduce, memo[to]) if does else (Shift, to) for does, to in data["actions"]]
        states = made._parse_table.states  # noqa: SLF001  # of our own class
        states.update({state: {token: actions[n] for token, n in row.items()} for state, row in data["states"].items()})
        return made


class _Lexer(ContextualLexer):
    """Makes the lexer of a state when a text comes to it."""

    def __init__(
        self,
        patterns: Patterns,
        conf: LexerConf,
        states: Mapping[int, Collection[str]],
        always_accept: Collection[str] = (),
    ) -> None:
        conf.re_module = patterns  # type: ignore[assignment]
        self.lexers = _Lexers(conf, states, always_accept)
        self.root_lexer = BasicLexer(conf)


class _Lexers(dict[int, Any]):
    def __init__(self, conf: LexerConf, states: Mapping[int, Collection[str]], always: Collection[str]) -> None:
        super().__init__()
        self._conf = conf
        self._states = states
        self._always = frozenset({*conf.ignore, *always})
        self._made: dict[frozenset[str], BasicLexer] = {}

    def __missing__(self, state: int) -> BasicLexer:
        accepted = self._always.union(self._states[state])
        lexer = self._made.get(accepted)
        if lexer is None:
            conf, named = copy(self._conf), self._conf.terminals_by_name
            conf.terminals = [named[name] for name in accepted if name in named]
            lexer = self._made[accepted] = BasicLexer(conf)
        self[state] = lexer
        return lexer
