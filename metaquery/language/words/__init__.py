"""`in_words()`: what a bound filter selects, in English: "dark is true, and captured_at is on or after 2 January 2023".

Nothing is left to the reader that the filter decides. Constants are said as what they came to, periods as the days that
they cover, with their time zone.

A row is selected where a filter is true, so the words are true of exactly the rows that are selected. They say of a
condition that is negative that there is a value, as a row without one is unknown and not selected: `city != 'Paris'` is
"city has a value other than 'Paris'". The null-safe forms take such rows in, and say so: `city is not 'Paris'` is "city
is not 'Paris', or has no value". `not` is said by the opposite of each condition, which is the same in three-valued
logic. Behind "whether", where to be unknown is a third answer, "city is not 'Paris'" leaves open if there is a value:
"it is unknown whether city is not 'Paris'". Lists are never without a value; an empty one is a value.

How conditions are joined. "A, and B"; "either A or B". A list inside a list is "both A and B", "either A or B" where it
has two plain members, else it stands in brackets. So no two filters that select other rows share their words, but where
lists differ behind their tenth item. `P is true` and `P` select the same, and do share them.
"""

from metaquery.language.words.conditions import in_words

__all__ = ["in_words"]
