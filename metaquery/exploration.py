"""`Explored`: the methods of a view that tell what values its rows have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.columns import described_columns, every_column

if TYPE_CHECKING:
    from metaquery.description import Description
    from metaquery.facets import Facet
    from metaquery.language import BindOptions, Query
    from metaquery.pinned import Pinned

__all__ = ["Explored"]


class Explored:
    """The rows of a query, as what explores them sees them; `View` is one."""

    _pinned: Pinned
    _query: Query
    _options: BindOptions

    def facets(self, *names: str, top: int = 20, bins: int = 20) -> dict[str, Facet]:
        """Return how many matching rows have which value of each field, with the filter that each count stands for.

        A limit is not counted.

        Parameters
        ----------
        *names
            Fields, as `select` takes them; none: all client metadata, or the own fields of labels and predictions.
        top, bins
            Values of a text, and bins of a number or an instant, at most; days and months are of the view's zone.

        Examples
        --------
        >>> {bar.label: bar.rows for bar in ws.data.facets("city")["city"].bars}
        {'Paris': 2, "L'Aquila": 1, 'Oslo': 1, 'missing': 1, 'invalid': 0}
        """
        from metaquery.facets import facets_of  # 10 ms that no other method pays
        from metaquery.matching import Matching

        fields = described_columns(names, self._pinned.snapshot.schema, self._query.relation)
        return facets_of(Matching.of(self._pinned, self._query, self._options), fields, top=top, bins=bins)

    def describe(self, *names: str, top: int = 5, built_in: bool = False) -> dict[str, Description]:
        """Return how full each field is, its range and its values, over the matching rows, whatever the limit.

        Parameters
        ----------
        *names
            As for `facets`; with `built_in` none stands for every field.
        top
            Values with their rows, at most.

        Examples
        --------
        >>> ws.data.describe("speed")["speed"].distinct
        4
        """
        from metaquery.description import descriptions_of  # as for `facets`
        from metaquery.matching import Matching

        every = every_column(self._pinned.snapshot.schema, self._query.relation) if built_in and not names else None
        fields = every or described_columns(names, self._pinned.snapshot.schema, self._query.relation)
        return descriptions_of(Matching.of(self._pinned, self._query, self._options), fields, top=top)
