"""`in_words()`: what a bound filter selects, in English: "dark is true, and captured_at is on or after 2 January 2023".

Nothing is left to the reader that the filter decides. Periods are said as what they mean, with their time zone.
`not` is said by the opposite of each condition, which is the same in three-valued logic: both leave a row out whose
value is unknown. Only the null-safe forms take such rows in, and they say so: "city is not 'Paris', or has no value".

How conditions are joined. "A, and B"; "either A or B". A list inside a list is "both A and B", "either A or B" where it
has two plain members, else it stands in brackets. So no two filters of another meaning share their words.
"""

from metaquery.language.words.conditions import in_words

__all__ = ["in_words"]
