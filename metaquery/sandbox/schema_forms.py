"""The two forms of the metadata schema and the way between them: encord-wire-protocol.md §3.3, §11."""

from __future__ import annotations

from typing import Any, Final

from metaquery.sandbox.answers import Refusal

__all__ = ["from_simple", "key_is_valid", "read_typed", "to_simple"]

_HINTS: Final = {
    "string": "varchar",
    "long_string": "text",
    "number": "number",
    "boolean": "boolean",
    "datetime": "datetime",
}
_SIMPLE_OF_HINT: Final = {
    "varchar": "string", "uuid": "string", "string": "string", "text": "long_string", "long_string": "long_string",
    "number": "number", "boolean": "boolean", "datetime": "datetime",
}  # fmt: skip
_STRICT: Final = ("number", "boolean", "text", "uuid", "varchar", "datetime")
_PLAIN: Final = frozenset({"geospatial", "user"})


def key_is_valid(key: str) -> bool:
    """Whether a metadata key may be used (encord-wire-protocol.md §3.2)."""
    if not key or key.startswith("$") or key == "keyframes":
        return False
    rest = key.translate(str.maketrans("", "", "-_ ."))
    return rest.isalnum()


def _check_keys(schema: object) -> dict[str, Any]:
    if not isinstance(schema, dict):
        raise Refusal(400, "the schema must be an object")
    for key in schema:
        if not key_is_valid(key):
            raise Refusal(400, f"{key!r} is not a valid metadata key")
    return schema


def from_simple(schema: object) -> dict[str, Any]:
    """Read the simple form (§3.1) into the typed one; a 400 that names the key where it cannot be."""
    options: dict[str, Any] = {}
    for key, kind in _check_keys(schema).items():
        if kind == "geospatial":
            options[key] = {"ty": "geospatial"}
        elif isinstance(kind, str) and kind in _HINTS:
            options[key] = {"ty": "variant", "hint": _HINTS[kind]}
        elif kind in {"enum", "embedding"} if isinstance(kind, str) else False:
            raise Refusal(400, f"{key!r}: {kind} needs its values or size; set it with the typed schema")
        else:
            raise Refusal(400, f"{key!r}: {kind!r} is not a metadata type")
    return options


def to_simple(options: dict[str, Any]) -> dict[str, str]:
    """Show the typed form as the simple one; deleted keys are left out."""
    simple = {}
    for key, option in options.items():
        kind = option["ty"]
        if kind == "variant":
            simple[key] = _SIMPLE_OF_HINT[option["hint"]]
        elif kind in _STRICT:
            simple[key] = _SIMPLE_OF_HINT[kind]
        elif kind in {"enum", "embedding", "geospatial"}:
            simple[key] = kind
    return simple


def read_typed(schema: object) -> dict[str, Any]:
    """Check the typed form (§3.2) and fill in its defaults; a 400 that names the key where it cannot be."""
    return {key: _option(key, option) for key, option in _check_keys(schema).items()}


def _option(key: str, option: object) -> dict[str, Any]:
    kind = option.get("ty") if isinstance(option, dict) else None
    if not isinstance(option, dict) or not isinstance(kind, str):
        raise Refusal(400, f"{key!r}: an option is an object with a `ty`")
    if kind == "tombstone":
        deleted = option.get("deleted_ty")
        return {"ty": kind, "deleted_ty": None if deleted is None else _option(key, deleted)}
    if kind == "variant":
        hint = option.get("hint", "text")
        if hint not in _SIMPLE_OF_HINT:
            raise Refusal(400, f"{key!r}: {hint!r} is not a hint")
        return {"ty": kind, "hint": {"string": "varchar", "long_string": "text"}.get(hint, hint)}
    if kind == "enum":
        return {"ty": kind, "values": _enum_values(key, option.get("values"))}
    if kind == "embedding":
        size = option.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 4096:
            raise Refusal(400, f"{key!r}: the size of an embedding is 1 to 4096")
        return {"ty": kind, "size": size, "api": option.get("api")}
    if kind in _STRICT or kind in _PLAIN:
        return dict(option)
    raise Refusal(400, f"{key!r}: {kind!r} is not a metadata type")


def _enum_values(key: str, values: object) -> list[str]:
    fits = isinstance(values, list) and 1 <= len(values) <= 256 and all(isinstance(v, str) for v in values)
    if not isinstance(values, list) or not fits:
        raise Refusal(400, f"{key!r}: an enum has 1 to 256 values, all of them texts")
    return sorted(values)
