"""Payloads of requests that are the same each time."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["ALL_LABEL_ROWS"]

ALL_LABEL_ROWS: Final[dict[str, Any]] = {
    "edited_before": None,
    "edited_after": None,
    "label_statuses": None,
    "shadow_data_state": None,
    "include_uninitialised_labels": True,
    "data_hashes": None,
    "label_hashes": None,
    "data_title_eq": None,
    "data_title_like": None,
    "workflow_graph_node_title_eq": None,
    "workflow_graph_node_title_like": None,
    "include_client_metadata": False,
    "include_images_data": False,
    "include_children": False,
    "include_workflow_graph_node": True,
    "include_all_label_branches": True,
    "branch_name": None,
    "client_metadata_as_signed_url": False,
}
"""All 18 keys, as the official SDK always sends them (§6.2)."""
