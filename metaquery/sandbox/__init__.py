"""A stand-in Encord: both of its protocols over real HTTP on loopback, for the demo, tests and benchmarks.

`start` runs one as a process of its own and is what tests use; `serve` runs one here until it is stopped.
Importing this package is cheap: what serving needs is imported on use.
"""

from metaquery.sandbox.process import SandboxProcess, start
from metaquery.sandbox.serving import SETS, serve

__all__ = ["SETS", "SandboxProcess", "serve", "start"]
