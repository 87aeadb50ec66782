"""Faults in reading and writing: text, canonical text, CQL2-JSON."""

from __future__ import annotations

from metaquery.language import literals, printing
from metaquery.language.canonical import _flat
from metaquery.language.cql2_json import export, operations
from metaquery.language.parse import _COMPARE, _not, _ToSyntax

from .seeding import Fault, Tabled, Written

WRITING = (
    Fault("brackets are not printed", "printing", Written(printing._at, 'else f"({text})"', "else text")),
    Fault(
        "`or` in `and` is printed without brackets",
        "printing",
        Written(printing._write, "_at(arg, _NOT) for", "_at(arg, _OR) for"),
    ),
    Fault("`a - (b - c)` is printed as `a - b - c`", "printing", Written(printing._arith, "least + 1 if", "least if")),
    Fault(
        "`(a ^ b) ^ c` is printed as a chain", "printing", Written(printing._arith, "else level + 1))", "else level))")
    ),
    Fault(
        "quotes in a text are not doubled",
        "printing",
        Written(printing.string_text, """value.replace("'", "''")""", "value"),
    ),
    Fault(
        "quotes in a name are not doubled", "printing", Written(printing._quoted, """name.replace('"', '""')""", "name")
    ),
    Fault(
        "reserved words are printed bare", "printing", Written(printing.name_text, " and name.lower() not in WORDS", "")
    ),
    Fault(
        "a field `missing` after `is` is printed as the word",
        "printing",
        Written(printing._guarded, "if re.match(words, text)", "if False"),
    ),
    Fault(
        "a list of one is printed as brackets",
        "printing",
        Written(printing._write, "if len(node.items) != 1", "if True"),
    ),
    Fault("the year 987 is printed so", "printing", Written(printing._leaf, "{node.year:04d}", "{node.year}")),
    Fault("an instant is printed without its zone", "printing", Written(printing._leaf, '"Z" * node.zoned', '""')),
    Fault(
        "numbers are printed to six digits", "printing", Written(printing._number, "repr(float(value))", 'f"{value:g}"')
    ),
    Fault("`not` before `in` is not printed", "printing", Written(printing._test, "{no}in {", "in {")),
    Fault(
        "`count` is printed without its condition",
        "printing",
        Written(printing._write, 'f" where {_write(node.p)[0]}"', '""'),
    ),
    Fault(
        "control characters are printed without their backslash", "printing", Tabled(printing._ESCAPED, ord("\n"), "n")
    ),
    Fault(
        "`or` inside `and` becomes part of it",
        "golden_cases",
        Written(_flat, "isinstance(node, kind)", "isinstance(node, syntax.Or | syntax.And)"),
    ),
)
READING = (
    Fault("`<>` is read as `=`", "golden_cases", Tabled(_COMPARE, "<>", "=")),
    Fault("texts are not normalised", "golden_cases", Written(literals.nfc, 'normalize("NFC", text)', "str(text)")),
    Fault(
        "`not between` is read as `between`",
        "golden_cases",
        Written(_not, "node if negation is None", "node if negation is None or isinstance(node, syntax.Between)"),
    ),
    Fault("`ilike` is read as `like`", "golden_cases", Written(_ToSyntax.like, 'word[0] == "i"', "False")),
    Fault(
        "`is not unknown` is read as `is unknown`",
        "golden_cases",
        Written(_ToSyntax.state, "negation if known ==", "None if known =="),
    ),
    Fault("`!~` is read as `~`", "golden_cases", Written(_ToSyntax.match, 'if op == "!~"', "if False")),
    Fault("`order by x desc` is read as `asc`", "golden_cases", Written(_ToSyntax.sort_key, '== "desc"', '== "DESC"')),
    Fault(
        "`a and (b and c)` is read as it is nested",
        "golden_cases",
        Written(_ToSyntax.all_of, "if isinstance(arg, syntax.And)", "if False"),
    ),
)
CQL2_JSON = (
    Fault("`<>` is written as `=`", "cql2_json", Written(export._compare, '"<>" if', '"=" if')),
    Fault("`casei` is not written", "cql2_json", Written(export._cased, " if ci else texts", " if False else texts")),
    Fault("a wildcard in a text is not escaped", "cql2_json", Written(export._text, r'r"\\\g<0>"', r'r"\g<0>"')),
    Fault(
        "`has none` is written as `has any`",
        "cql2_json",
        Written(
            export._value,
            'return operation("not", operation("a_overlaps", _value(node.x), _values(node.items)))',
            'return operation("a_overlaps", _value(node.x), _values(node.items))',
        ),
    ),
    Fault(
        "`<= month` is written as its beginning",
        "cql2_json",
        Written(export._in_period, 'case "<":', 'case "<" | "<=":'),
    ),
    Fault(
        "a month among the items of `in` is not written",
        "cql2_json",
        Written(export._in, "*tests] if others", "*tests[1:]] if others"),
    ),
    Fault(
        "`mq_is_unknown` is read as `not`",
        "cql2_json",
        Written(operations._is_unknown, "else syntax.IsUnknown(p)", "else syntax.Not(p)"),
    ),
    Fault(
        "`and` of a document takes its last part alone",
        "cql2_json",
        Written(operations._all_of, "flat[0] if len(flat) == 1", "flat[-1] if True"),
    ),
)

FAULTS = {"": (*WRITING, *READING, *CQL2_JSON)}
"""The whole corpus shows them."""
