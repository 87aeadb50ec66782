"""`Picture`: what a data unit looks like: from the server, which is asked for each, or from files on this machine.

A link that the server signs is used here and nowhere else: whoever has it has the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from metaquery.errors import NotFound, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.wire import EncordClient

__all__ = ["Picture", "Pictures", "local_picture", "picture_place"]

_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
}
"""What is a picture, by the end of its name."""

_LARGEST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, as a browser takes it.

    Attributes
    ----------
    content
        Its bytes.
    media_type
        `image/jpeg` and so on.
    """

    content: bytes
    media_type: str


class Pictures:
    """Pictures of data units, from the server.

    Parameters
    ----------
    client
        Returns a client of the server; called once, when the first picture is asked for.
    item
        Returns a data unit's storage item and its title; None for what is not known.
    """

    def __init__(
        self, client: Callable[[], EncordClient], item: Callable[[str], tuple[str | None, str | None]]
    ) -> None:
        self._client = client
        self._item = item
        self._opened: EncordClient | None = None

    def of(self, data_hash: str) -> Picture:
        """Fetch the picture of a data unit.

        Raises
        ------
        NotFound
            There is no such data unit, or it is no picture.
        WireError
            The server does not give it.
        """
        uuid, title = self._item(data_hash)
        if uuid is None:
            raise NotFound(f"of the data unit {data_hash!r} no storage item is known")
        client = self._opened = self._opened or self._client()
        link = client.item_links([uuid]).get(uuid)
        if link is None:
            raise NotFound(f"the server gives no file of {title or data_hash!r}")
        content, said = client.download(link, f"fetching the picture of {data_hash}", most=_LARGEST)
        kind = said.partition(";")[0].strip().lower()
        media_type = kind if kind in _TYPES.values() else _TYPES.get(PurePath(title or "").suffix.lower())
        if media_type is None:
            raise NotFound(f"{title or data_hash!r} is no picture: {kind or 'its type is not told'}")
        return Picture(content, media_type)

    def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            self._opened.close()


def picture_place(template: str) -> Path:
    """Return the directory below which a template's pictures lie: all before its first parameter.

    Raises
    ------
    SettingsError
        It has no parameter, or another than `{title}` and `{data_hash}`.
    """
    try:
        same = template.format(title="", data_hash="") == template
    except (KeyError, IndexError, ValueError, AttributeError):
        same = True
    if same:
        raise SettingsError(
            f"{template!r} does not say where pictures lie", hint="a path with {title} or {data_hash}, and no other {…}"
        )
    before = template.split("{", 1)[0]
    return Path(before if before.endswith("/") else str(PurePath(before).parent)).expanduser().resolve()


def local_picture(template: str, data_hash: str, title: str | None) -> Picture:
    """Read a picture on this machine.

    Parameters
    ----------
    template
        Its path, with `{title}` or `{data_hash}`; titles of others may lead nowhere else than below the directory that
        the template begins with.
    data_hash, title
        Of the data unit.

    Raises
    ------
    NotFound
        There is no such file, or it is no picture.
    """
    file = Path(template.format(title=title or "", data_hash=data_hash)).expanduser()
    try:
        found = file.resolve()
        inside = found.is_relative_to(picture_place(template)) and found.is_file() and found.stat().st_size <= _LARGEST
        media_type = _TYPES.get(found.suffix.lower()) if inside else None
        if media_type is not None:
            return Picture(found.read_bytes(), media_type)
    except (OSError, ValueError):  # a name that no file can have
        pass
    raise NotFound(f"there is no picture of {title or data_hash!r} where pictures lie", hint=f"that is {template}")
