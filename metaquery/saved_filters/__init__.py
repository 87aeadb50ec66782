"""Filters under a name, as text files that a team can read and keep under version control.

A file is itself a filter: a comment that says what it is of, then the text::

    # metaquery filter, language 1, on data
    dark = true and captured_at > 2023-01-01

`@name` in a filter stands for the text, for the same relation (`filter-language.md` §7). Saving writes named filters
out; files that are imported or edited by hand may name others.
"""

from metaquery.saved_filters.record import SavedFilter
from metaquery.saved_filters.saved import SavedFilters

__all__ = ["SavedFilter", "SavedFilters"]
