"""A source's labels in the form in which label rows hold them (encord-wire-protocol.md §6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.sandbox.clock import rfc1123

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metaquery.sandbox.source import UnitLabels

__all__ = ["classifications", "objects", "objects_by_frame"]


def objects(editor: Mapping[str, Any], labels: UnitLabels) -> list[dict[str, Any]]:
    """Write each box as an object of one frame."""
    shown = []
    for box in labels.boxes:
        feature = editor["objects"][box.feature]
        at = rfc1123(box.drawn_at)
        shown.append(
            {
                "name": feature["name"], "value": feature["value"], "color": feature["color"],
                "shape": feature["shape"], "objectHash": box.object_hash,
                "featureHash": feature["featureNodeHash"], "confidence": box.confidence,
                "manualAnnotation": box.manual, "createdAt": at, "createdBy": box.author,
                "lastEditedAt": at, "lastEditedBy": box.author,
                "boundingBox": {"h": box.h, "w": box.w, "x": box.x, "y": box.y},
            }
        )  # fmt: skip
    return shown


def objects_by_frame(drawn: Sequence[dict[str, Any]], labels: UnitLabels) -> dict[str, Any]:
    """Spread a video's objects over the frames they are seen on."""
    frames: dict[int, list[dict[str, Any]]] = {}
    for box, shown in zip(labels.boxes, drawn, strict=True):
        for frame in box.frames:
            frames.setdefault(frame, []).append(shown)
    return {str(n): {"objects": frames[n], "classifications": []} for n in sorted(frames)}


def classifications(
    editor: Mapping[str, Any], labels: UnitLabels, frames: int, *, saved: bool = True
) -> dict[str, Any]:
    """Write the answer of the radio classification, by its hash; `saved` is the fuller form of §6.3."""
    topic = labels.topic
    if topic is None:
        return {}
    classification = editor["classifications"][0]
    attribute = classification["attributes"][0]
    option = attribute["options"][topic.option]
    at = rfc1123(topic.given_at)
    answer = {
        "name": attribute["name"], "value": attribute["name"].lower(),
        "answers": [{"name": option["label"], "value": option["value"], "featureHash": option["featureNodeHash"]}],
        "featureHash": attribute["featureNodeHash"], "manualAnnotation": topic.manual,
    }  # fmt: skip
    shown = {
        "classifications": [answer], "classificationHash": topic.classification_hash,
        "featureHash": classification["featureNodeHash"], "range": [[0, frames - 1]],
        "createdBy": topic.author, "createdAt": at, "lastEditedBy": topic.author, "lastEditedAt": at,
        "manualAnnotation": topic.manual,
    }  # fmt: skip
    if saved:
        shown |= {"spaces": {}, "confidence": topic.confidence}
    return {topic.classification_hash: shown}
