"""Notebooks: what is shown of a view and of a Collection, and the cell magic in a real IPython shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from .python_workspace import made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery import Workspace


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made(tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def shell(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    patch = pytest.MonkeyPatch()
    patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
    running = InteractiveShell.instance(history_load_length=0)
    running.history_manager.enabled = False
    running.run_line_magic("load_ext", "metaquery")
    running.user_ns["ws"] = ws
    yield running
    InteractiveShell.clear_instance()
    patch.undo()


def test_repr_runs_nothing_and_html_runs_ten_rows(ws: Workspace) -> None:
    view = ws.data.filter("speed > 50")
    assert "engine" not in vars(view._pinned)
    repr(view)
    assert "engine" not in vars(view._pinned)
    shown = view._repr_html_()
    assert "2 of 5 data units match." in shown
    assert "1 more is unknown: speed has no value there" in shown
    assert "<code>speed &gt; 50</code>" in shown
    assert view.limit(1)._repr_html_().count("<tr>") == 2


def test_no_text_becomes_markup_and_a_picture_is_shown(ws: Workspace) -> None:
    shown = ws.data.select("title, photo")._repr_html_()
    assert "&lt;b&gt;d&lt;/b&gt;.jpg" in shown
    assert "<b>" not in shown
    assert '<img src="https://example.com/e.jpg"' in shown
    collection = ws.data.filter("city = '<i>'").collect("<u>T</u>", description="<script>")
    shown = collection._repr_html_()
    assert "&lt;u&gt;T&lt;/u&gt;" in shown
    assert "&lt;script&gt;" in shown
    assert "city = &#x27;&lt;i&gt;&#x27;" in shown


def test_a_cell_is_a_filter_with_the_notebooks_variables(shell: Any) -> None:
    shell.user_ns["city"] = "L'Aquila"
    assert shell.run_cell_magic("metaquery", "", "city = :city order by speed").ids() == ["u3"]
    assert shell.run_cell("%%metaquery weak --on predictions\nconfidence < 0.5").success
    assert shell.user_ns["weak"].ids() == ["p2"]


def test_a_mistake_in_a_cell_is_shown_with_its_place_and_no_traceback(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not shell.run_cell("%%metaquery\nctiy = 'Paris'").success
    told = "".join(capsys.readouterr())
    assert "did you mean 'city'?" in told
    assert "^^^^" in told
    assert "Traceback" not in told
