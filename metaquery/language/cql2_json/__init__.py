"""CQL2-JSON, in and out: `from_cql2_json` makes a syntax tree of a document, `to_cql2_json` one of a bound filter.

Import takes CQL2's own operators (OGC 21-065r2) and ours, whose names begin with `mq_`. It knows no schema: what it
returns is bound like a filter's text. Export takes a *bound* filter, as only that knows what `20230101` or `'2023-01'`
is, which field a name means, and what stands in a saved filter.

How names are written. A property is the name as the filter has it: `city`, `frame rate`, `video.description`. Where
that would not be clear, and where the filter wrote a qualifier, it is the qualifier and the quoted name,
`meta."unit.title"`: a property of exactly this form is read as the qualified name. Every other is what a filter's text
means by the name, written bare where that can be, else quoted.

What is written by operators of CQL2: everything that they can say. A day is `{"date"}` and remains a whole day. A month
or a year in a comparison becomes its bounds, two timestamps. `contains 'x'` and its kin become `like`, with the text
escaped; the forms without case have `casei` on both sides. `has` and its kin become `a_contains`, `a_overlaps`,
`a_containedBy`. A bare `dark` becomes `dark = true`, `-x` becomes `-1 * x`. Constants are computed, but those that
depend on the time: `now() - 7d` remains that.

What CQL2 cannot say is an operator of ours: `mq_any`, `mq_no`, `mq_every`, `mq_count` with `"label"` or `"prediction"`
and a condition; `mq_in_collection`; `mq_matches`, `mq_imatches`; `mq_is`; `mq_is_missing`, `mq_is_invalid`,
`mq_is_unknown`; `mq_contains`, `mq_starts_with`, `mq_ends_with` of what is no constant; `mq_duration` (`"7d"`,
`"P7D"`); `mq_period` (`"2023-01"`, `"2023"`) where it is not compared; `mq_chain` (`x, "+", y, "-", z`) for arithmetic
too long to nest; and each function that CQL2 has not under its name: `mq_lower`, and `mq_date` of what differs from row
to row. Order, limit and time zone are not part of a document: days and parts of dates are in the time zone of whoever
binds it.

So a filter that was written and read again selects the same rows, in the form above; writing it once more gives the
same document.
"""

from metaquery.language.cql2_json.export import to_cql2_json
from metaquery.language.cql2_json.reader import from_cql2_json

__all__ = ["from_cql2_json", "to_cql2_json"]
