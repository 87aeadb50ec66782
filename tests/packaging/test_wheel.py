"""The wheel, installed outside the checkout: the grammar is inside, and the demo runs from it."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = out.glob("*.whl")
    return found


def test_the_wheel_holds_grammar_data_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "metaquery/grammar/filter.lark",
        "metaquery/grammar/operators.lark",
        "metaquery/grammar/literals.lark",
        "metaquery/grammar/README.md",
        "metaquery/py.typed",
        "metaquery/sandbox/birdstrikes.parquet",
        "metaquery/sandbox/birdstrikes.LICENCE.md",
        "metaquery/explorer/static/app.js",
        "metaquery/explorer/static/licences.txt",
    } <= names
    elsewhere = ("tests/", "benchmarks/", "grammar/", "metaquery/explorer/web/")
    assert not [name for name in names if name.startswith(elsewhere)]


def test_the_demo_runs_from_the_wheel_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Dependencies are borrowed from this environment, as tests use no network; metaquery itself is the wheel's."""
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    site = next((home / "lib").glob("python*/site-packages"))
    # --target, as any other way would take the checkout's editable install away.
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", str(site)]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    python = str(home / "bin" / "python")
    where = [python, "-c", "import metaquery; print(metaquery.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=clean, capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()).is_relative_to(site)
    demo = [python, "-m", "metaquery", "demo", "--units", "200"]
    done = subprocess.run(demo, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 missing, 0 too many" in done.stdout
    assert (tmp_path / "metaquery-demo" / ".metaquery" / "CURRENT").exists()
