"""Sending: a Collection to Encord, and back.

Encord has two kinds of Collection (`encord-wire-protocol.md` §7): an *Index Collection* of storage items under a
top-level folder, and a *Project Collection* of frames or labels of one project; datasets and projects are made of the
former (§7.6). None of the calls takes an id of ours. So every push looks first and says what it is going to do
(`planning`), writes that down before the first request, and each id and each batch before the next (`applying`,
`records`), and in the end reads back what is there and compares it (`report`). An interrupted push is gone on with;
a finished one that is repeated does nothing.
"""

from metaquery.push.plan import Destination, Options, PushPlan, TargetPlan
from metaquery.push.pulling import Pulled
from metaquery.push.pushes import Pushes
from metaquery.push.records import Pushed
from metaquery.push.report import Failure, PushReport, ReadBack, TargetReport, write_failures

__all__ = [
    "Destination",
    "Failure",
    "Options",
    "Pulled",
    "PushPlan",
    "PushReport",
    "Pushed",
    "Pushes",
    "ReadBack",
    "TargetPlan",
    "TargetReport",
    "write_failures",
]
