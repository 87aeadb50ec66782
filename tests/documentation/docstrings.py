"""NumPy docstrings and signatures as Markdown."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

SECTIONS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Notes", "Examples")
LISTED = ("Parameters", "Attributes", "Returns", "Yields", "Raises")
"""Sections of names, each with what it is below it."""

_HEADING = re.compile(rf"^({'|'.join(SECTIONS)})\n-+\n", re.MULTILINE)


@dataclass(frozen=True)
class Docstring:
    """What a docstring says before its sections, and the text of each section."""

    body: str
    sections: dict[str, str]

    @classmethod
    def of(cls, documented: Any) -> Docstring:
        body, *rest = _HEADING.split(inspect.getdoc(documented) or "")
        return cls(body.strip(), {name: text.strip("\n") for name, text in zip(rest[::2], rest[1::2], strict=True)})

    def entries(self, section: str) -> dict[str, str]:
        """Return the names of a section, each with its text on one line."""
        found: dict[str, str] = {}
        name = ""
        for line in self.sections.get(section, "").splitlines():
            if line and not line.startswith(" "):
                name = line
                found[name] = ""
            else:
                found[name] = f"{found[name]} {line.strip()}".strip()
        return found

    def markdown(self) -> str:
        """Return all of it; a section is a list, or code."""
        parts = [self.body]
        for section, text in self.sections.items():
            if section == "Examples":
                parts.append(f"```pycon\n{text}\n```")
            elif section in LISTED:
                lines = [
                    f"- {_named(name)}{f': {what}' if what else ''}" for name, what in self.entries(section).items()
                ]
                parts.append("\n".join([f"*{section}*", "", *lines]))
            else:
                parts.append(text)
        return "\n\n".join(part for part in parts if part)


def _named(names: str) -> str:
    """Return names as code; what a function returns may be said in words."""
    return ", ".join(f"`{name}`" for name in re.split(r", | and ", names)) if "(" not in names else f"`{names}`"


def signature(name: str, function: Any) -> str:
    """Return how a function is called, with the types as they are written; on several lines where one is too long."""
    told = inspect.signature(function)
    own = [p for p in told.parameters.values() if p.name not in {"self", "cls"}]
    parts, keyword_only = [], False
    for before, parameter in zip([None, *own], own, strict=False):
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            if before is None or before.kind is not parameter.VAR_POSITIONAL:
                parts.append("*")
        if before is not None and before.kind is before.POSITIONAL_ONLY is not parameter.kind:
            parts.append("/")
        parts.append(_parameter(parameter))
    if own and own[-1].kind is inspect.Parameter.POSITIONAL_ONLY:
        parts.append("/")
    gives = "" if told.return_annotation is told.empty else f" -> {_type(told.return_annotation)}"
    line = f"{name}({', '.join(parts)}){gives}"
    return line if len(line) <= 100 else "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){gives}"])


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    text = f"{stars}{parameter.name}"
    if parameter.annotation is not parameter.empty:
        text += f": {_type(parameter.annotation)}"
    if parameter.default is not parameter.empty:
        default = "..." if callable(parameter.default) else repr(parameter.default)
        text += f" = {default}" if ":" in text else f"={default}"
    return text


def _type(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
