"""`Desk`: what the server keeps between requests: snapshots with their connections, orders of rows, jobs, plans.

A snapshot that somebody looks at stays pinned, with one read-only connection; each statement has a cursor of its own.
Nothing is swapped: a request says which snapshot it is about, and gets that one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from contextlib import suppress
from functools import cached_property
from threading import Lock, Thread
from typing import TYPE_CHECKING

from metaquery.errors import EngineError
from metaquery.explorer.jobs import Jobs
from metaquery.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Hashable

    from metaquery.explorer.serving import Options
    from metaquery.moment import Moment
    from metaquery.paged import Paged
    from metaquery.pictures import Pictures
    from metaquery.push import PushPlan
    from metaquery.view import View
    from metaquery.workspace import Workspace

__all__ = ["Desk"]

_SNAPSHOTS = 3
"""Snapshots that stay open: the newest, the one before, and one that is compared with."""

_ORDERS_BYTES = 256 * 2**20
"""Bytes of orders that are kept: that of ten million rows is 80 MB."""

_PLANS = 20


class Desk:
    """What the server keeps between requests.

    Parameters
    ----------
    workspace
        What is explored.
    options
        How it is served.
    """

    def __init__(self, workspace: Workspace, options: Options) -> None:
        self.workspace = workspace
        self.options = options
        self.jobs = Jobs()
        self.interruptions: set[Interruption] = set()
        self._lock = Lock()
        self._moments: OrderedDict[str, Moment] = OrderedDict()
        self._orders: OrderedDict[Hashable, Paged] = OrderedDict()
        self._preparing = Interruption()
        self._plans: OrderedDict[str, PushPlan] = OrderedDict()

    def close(self) -> None:
        """Stop what requests wait for; what is written is written whole, or not at all."""
        for interruption in (*self.interruptions, self._preparing):
            interruption.stop()

    def moment(self, ref: str = "") -> Moment:
        """Return a snapshot by its id, its beginning or a time, as `Workspace.as_of` does; blank is the newest.

        Raises
        ------
        NoSnapshot, UsageError
            There is none, or it means several.
        """
        with self._lock:
            if ref in self._moments:
                self._moments.move_to_end(ref)
                return self._moments[ref]
        name = ref or self.workspace.snapshot().id
        moment = self.workspace.as_of(name)
        moment.data.engine  # noqa: B018  # opened here, so that requests share it; an old one takes seconds to make
        with self._lock:  # two requests may have opened it: the first one's connection is kept
            held = self._moments.setdefault(moment.snapshot.id, moment)
            self._moments.move_to_end(moment.snapshot.id)
            while len(self._moments) > _SNAPSHOTS:
                self._moments.popitem(last=False)
        return held

    def paged(self, view: View) -> Paged:
        """Return the rows of a view in pages; the order of the last ones that were asked for is kept.

        It is found anew where a Collection or a tag has changed, and each minute where the filter asks for the time.
        """
        named = view.selection().named
        minute = int(time.time() // 60) if named is not None and named.clock else None
        asked = (view.relation.name, view.canonical, view.order_text, view.time_zone)
        key = (view.snapshot.id, *asked, minute, self._tagged())
        with self._lock:
            if key in self._orders:
                self._orders.move_to_end(key)
                return self._orders[key]
        made = view.paged()
        with self._lock:
            self._orders[key] = made
            while len(self._orders) > 1 and sum(each.nbytes for each in self._orders.values()) > _ORDERS_BYTES:
                self._orders.popitem(last=False)
        return made

    def prepare(self, pages: Paged) -> None:
        """Find the order of some rows while their first page is looked at; of the last ones that were asked for."""
        mine = Interruption()
        with self._lock:
            self._preparing, before = mine, self._preparing
        before.stop()
        Thread(target=_prepared, args=(pages, mine), name="metaquery-order", daemon=True).start()

    def _tagged(self) -> Hashable:
        """Return what changes with every change of a Collection or a tag."""
        return tuple((c.id, c.title, c.kind, c.path.name) for c in self.workspace.collections.records())

    @cached_property
    def pictures(self) -> Pictures:
        """Pictures from the server, over connections that are kept."""
        return self.workspace.pictures

    def put_plan(self, name: str, plan: PushPlan) -> None:
        """Keep a plan until it is applied; the oldest of many is forgotten."""
        with self._lock:
            self._plans[name] = plan
            while len(self._plans) > _PLANS:
                self._plans.popitem(last=False)

    def take_plan(self, name: str) -> PushPlan | None:
        """Return a plan, once."""
        with self._lock:
            return self._plans.pop(name, None)


def _prepared(pages: Paged, interruption: Interruption) -> None:
    with suppress(EngineError), interruption:  # it was stopped, or fails again where somebody waits for it
        pages.prepare()
