"""The Explorer: a page over a workspace, served on this machine alone; what it answers is in `docs/explorer-api.md`.

A face: it drives `Workspace` and `View`, and holds no logic that another face would need.
"""

from metaquery.explorer.serving import Options, explore

__all__ = ["Options", "explore"]
