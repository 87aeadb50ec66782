r"""RE2's patterns for Java's engine: the same texts match, or the pattern is refused. Standard library alone.

`matches` and `imatches` mean what RE2 says (DuckDB's `regexp_matches`: does the pattern fit somewhere). Spark's `RLIKE`
is `java.util.regex`, which reads the same signs otherwise and tries one way after the other, where RE2 takes one pass.

1. `reading` makes a tree of the pattern, by what is known of RE2. Each character, escape and class becomes a set of
   code points; `(?i)`, `(?s)`, `(?m)` are worked in, groups and greed dropped: a yes or no does not hang on them.
2. `tree` keeps it in its simplest form: `(a|b)*` is `[ab]*`, `(a+)+` is `a+`, `(xy)*x` is `x(yx)*`, `xy|xz` is
   `x(y|z)`.
3. `searching` leaves out what is idle in a search (`.*a+` is `a`), and begins where a match can.
4. `writing` writes it for Java, without a flag, without a class of Java's, without a character that could be syntax:
   ASCII and `\x{…}`. Where the next character tells whether a repetition goes on, it is possessive; else lazy.

**Time.** What Java may try for a text of a thousand characters is counted before, as the ways to match from one place:
alternatives that may begin alike are as many ways; a bounded repetition whose end the next character does not tell has
one for each number of times, and one without bound has a thousand. More than 10^7 tries from all places together are
refused, a try being once over the text at the most; most patterns are one pass. No repetition takes stack for each of
its times, but for groups that are written out, 20 times at the most.

What is refused:

- `^(a|b|ab)*$`, `^(\w+\s?\w+)*$`: repeats a group without bound, of which the next character does not tell which way to
  go inside it. Where it only does not tell whether the group ends, it is repeated until the rest of the pattern fits
  (`^(?:[^/]+/)*frame_\d+$`); that is refused in a group, and before two that are as open.
- `^(a[ab]?){20}c`: more than 10,000 ways.
- `a[^b]*c[^d]*e[^f]*g`: three repetitions that may each end anywhere; where a match may begin anywhere too, two.
  `a.*b.*c.*d` is one: a word between two loops that take it is looked for once.
- `^(?:a?b?){3}x`, `^(?:\ba?)*x`: what may match nothing, more than once. Each engine has its own rule.
- `\pL`, `\p{Greek}`: each engine has another Unicode.
- `\C`: one byte of a character.
- `\B`, `x|\B`: may match nothing but `\B`. RE2 looks between the bytes of a character as well.
- `^(a(b(a(b…)?)?)?)?`: more than 40 levels of groups that mean something.
"""

from __future__ import annotations

from metaquery.language.java_regex.reading import read
from metaquery.language.java_regex.searching import anchored, from_few_places, trimmed
from metaquery.language.java_regex.tree import Choice, Edge, Node, Repeat, Run, Untranslatable
from metaquery.language.java_regex.writing import written

__all__ = ["Untranslatable", "java_regex"]

_LENGTH = 1_000
_MOST_TRIES = 10**7
"""What is tried at the most for a text of `_LENGTH` characters, each place that a match may begin at included."""


def java_regex(pattern: str, *, ignore_case: bool) -> str:
    r"""Return a pattern of `java.util.regex` (Java 8 to 21) that is found in the same texts as a pattern of RE2.

    Parameters
    ----------
    pattern
        One that RE2 takes. Texts that it looks into are of Unicode's characters, without lone surrogates.
    ignore_case
        Whether it is read as if `(?i)` stood before it, as `imatches` does.

    Returns
    -------
    str
        A pattern for `find`, or `RLIKE`: whether it is found is the same. Groups and what they capture are not.

    Raises
    ------
    Untranslatable
        Where there is none that is sure to match the same texts, in bounded time; with the part that is in the way.

    Examples
    --------
    >>> java_regex(r"^seq_\d+/.*$", ignore_case=False)
    '\\Aseq_[0-9]++/[^\\n]*+\\z'
    >>> java_regex("kiel", ignore_case=True)
    '[Kk\\x{212A}][Ii][Ee][Ll]'
    """
    node = trimmed(read(pattern, ignore_case=ignore_case))
    inside = _inner_edge(node) if node.shortest == 0 else None
    if inside is not None:
        raise Untranslatable(
            "the pattern may match nothing but \\B, and RE2 looks for that between the bytes of a character too",
            *inside.place,
        )
    node = from_few_places(node)
    result = written(node)
    tries = result.ways * _LENGTH ** (len(result.loops) + (not anchored(node)))
    if tries > _MOST_TRIES:
        raise Untranslatable(
            "too many repetitions may each end anywhere, and Java may try each end with each end of the others",
            *(result.loops[-1] if result.loops else node.place),
        )
    return result.text


def _inner_edge(node: Node) -> Edge | None:
    r"""Return a `\B` of a pattern."""
    match node:
        case Edge():
            return node if node.kind == "no word edge" else None
        case Run():
            parts = node.items
        case Choice():
            parts = node.branches
        case Repeat():
            parts = (node.body,)
        case _:
            parts = ()
    return next((found for part in parts if (found := _inner_edge(part)) is not None), None)
