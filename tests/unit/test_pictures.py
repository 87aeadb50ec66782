"""Pictures on this machine: only pictures, and only below the directory that the user has named."""

from __future__ import annotations

from pathlib import Path

import pytest

from metaquery.errors import NotFound, SettingsError
from metaquery.pictures import local_picture, picture_place


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.jpg").write_bytes(b"a")
    (tmp_path / "pictures" / "notes.txt").write_bytes(b"private")
    (tmp_path / "secret.jpg").write_bytes(b"private")
    (tmp_path / "pictures" / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    return tmp_path


def test_a_picture_is_found_by_title_or_by_hash(home: Path) -> None:
    assert local_picture(f"{home}/pictures/{{title}}", "u1", "a.jpg").content == b"a"
    assert local_picture(f"{home}/pictures/{{data_hash}}.jpg", "a", None).media_type == "image/jpeg"


@pytest.mark.parametrize(
    "title", ["../secret.jpg", "notes.txt", "nothing.jpg", "", None, "/etc/passwd", "out.jpg", "a.jpg\0", "x" * 9999]
)
def test_a_title_of_somebody_elses_leads_nowhere_else(home: Path, title: str | None) -> None:
    with pytest.raises(NotFound):
        local_picture(f"{home}/pictures/{{title}}", "u1", title)


@pytest.mark.parametrize("template", ["/data", "/data/{name}", "/data/{title", "/data/{0}", "/data/{title.x}", "{}"])
def test_a_template_that_says_no_place_is_refused(template: str) -> None:
    with pytest.raises(SettingsError, match="does not say where"):
        picture_place(template)
