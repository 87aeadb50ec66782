"""Completion in shells: what may stand at the cursor, quoted so that the shell reads it back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import metaquery
from metaquery.cli.root import complete_in
from metaquery.cli.shell_words import quoted, taken_apart
from metaquery.cli.shells import SCRIPTS
from tests.budget import cases

from .terminal import Terminal, install

INSTALLED = [shell for shell in SCRIPTS if shutil.which(shell)]

START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'bind -x \'"\\C-x": printf "<%s>\\n" "$READLINE_LINE"\''),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -Uz compinit && compinit -D -u; show() { print -r -- \"<$BUFFER>\" }; zle -N show; bindkey '^X' show",
    ),
    "fish": (["fish", "--no-config", "-i"], 'bind \\cx \'echo "<"(commandline)">"\''),
}
"""How each is started, and how Ctrl-X is to show the line that is being typed."""

LOAD = {
    "bash": 'eval "$(metaquery completion bash)"',
    "zsh": 'eval "$(metaquery completion zsh)"',
    "fish": "metaquery completion fish | source",
}


@pytest.mark.parametrize("shell", INSTALLED)
def test_tab_completes_commands_filters_and_titles_and_leaves_a_filter_open(
    made: Path, tmp_path: Path, shell: str
) -> None:
    command, keys = START[shell]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "COMP"))}
    path = f"{install(tmp_path / 'bin')}:{os.environ['PATH']}"
    environ = {**clean, "PATH": path, "TERM": "dumb", "PS1": "", "HOME": str(tmp_path)}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path.cwd()), environ.get("PYTHONPATH")]))
    environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    with Terminal(*command, cwd=made, environ=environ) as terminal:
        terminal.type(f'{keys}; {LOAD[shell]}; echo REA"DY"\n')
        terminal.until("READY")
        for typed, completed in {
            "metaquery cou": "metaquery count ",
            "metaquery count \"dark and city = 'P": "metaquery count \"dark and city = 'Paris'",
            'metaquery collection show "It': 'metaquery collection show "It\'s \\"quoted\\" \\$HOME" ',
        }.items():
            terminal.type(f"{typed}\t\x18")
            terminal.until("<")
            assert terminal.until(">\r\n") == completed
            terminal.type("\x05\x15")  # to the end of the line, and away with it


@pytest.fixture
def answered(
    here: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """Ask as a shell's script does."""

    def ask(line: str, shell: str = "fish", kind: str = "9") -> list[str]:
        monkeypatch.setenv("COMP_LINE", line)
        monkeypatch.setenv("COMP_TYPE", kind)
        capfdbinary.readouterr()
        complete_in(shell)
        out, err = capfdbinary.readouterr()
        assert err == b""
        return out.decode().splitlines()

    return ask


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("metaquery verif", ["whole", "verify\tCheck what is stored: files, counts, references."]),
        ("metaquery filter lis", ["whole", "list\tList the saved filters."]),
        ("metaquery query --order", ["whole", "--order-by\tOrder, such as: captured_at desc, city"]),
        ("metaquery query --on lab", ["whole", "labels\tlabels"]),
        ("metaquery query -o ", ["file"]),
        ("metaquery sync --schema ", ["file"]),
        ('metaquery count "dark and cit', ["on", "dark and city\tSTRING", "dark and city \tSTRING"]),
        ("metaquery count \"city = 'R", ["on", "city = 'Rome'\t20 units", "city = 'Rome' \t20 units"]),
        ("metaquery tag add x --where \"city = 'R", ["on", "city = 'Rome'\t20 units", "city = 'Rome' \t20 units"]),
        ("metaquery tag add x --where=@nig", ["on", "--where=@night\tdark = true", "--where=@night \tdark = true"]),
        ("metaquery count --param at=Oslo 'city = :", ["on", "city = :at\tparameter", "city = :at \tparameter"]),
        ("metaquery count 'city = :town and speed in :some' --param ", ["on", "town=\ttown=", "some=\tsome="]),
        ("metaquery facet city --where 'speed > :least' --param l", ["on", "least=\tleast=", "least= \tleast="]),
        ("metaquery query --select title,spee", ["on", "title,speed\tNUMBER", "title,speed \tNUMBER"]),
        ("metaquery query --order-by spee", ["on", "speed\tNUMBER", "speed \tNUMBER"]),
        ("metaquery collection show Nig", ["whole", "Night drives\t25 members"]),
        ("metaquery filter show ni", ["whole", "night\tdark = true"]),
        ("metaquery collection new ", ["whole"]),
        ("metaquery nonsense ", []),
        ('metaquery count "dark = = ', ["on"]),
        ("", ["whole"]),
    ],
)  # fmt: skip
def test_a_shell_is_told_what_may_stand_there(answered: Callable[..., list[str]], line: str, answer: list[str]) -> None:
    assert answered(line) == answer or (answer == ["whole"] and answered(line)[:1] == ["whole"])


def test_snapshots_are_offered_newest_first(answered: Callable[..., list[str]], here: Path) -> None:
    ids = sorted((file.stem for file in here.glob(".metaquery/snapshots/*.json")), reverse=True)
    assert answered("metaquery query --as-of ") == ["whole", *(f"{each}\t{each}" for each in ids)]


def test_of_a_lake_its_own_values_are_offered_wherever_it_is(
    answered: Callable[..., list[str]], here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metaquery.open(here).export_lake(tmp_path / "lake")
    monkeypatch.chdir(tmp_path)
    line = "metaquery count --lake lake \"city = 'R"
    assert answered(line) == ["on", "city = 'Rome'\t20 units", "city = 'Rome' \t20 units"]
    assert answered("metaquery export lake ") == ["directory"]


def test_each_shell_gets_its_own_form(answered: Callable[..., list[str]]) -> None:
    line = "metaquery count \"city = 'R"
    assert answered(line, "bash") == ["on", "city = 'Rome'", "city = 'Rome' "]
    assert answered(line, "zsh") == ["on", "city = 'Rome'\tRome  20 units"]
    assert answered("metaquery count \"city = '", "bash", "63") == [
        "on", "Oslo  20 units", "Paris  20 units", "Rome  20 units"
    ]  # fmt: skip
    assert answered("metaquery collection show It", "bash") == ["whole", '"It\'s \\"quoted\\" \\$HOME"']
    assert answered("metaquery count dar", "bash")[1] == '"dark'


def test_nothing_is_offered_and_nothing_told_where_there_is_no_workspace(
    answered: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert answered('metaquery count "da') == []
    monkeypatch.setenv("METAQUERY_NONSENSE", "1")
    assert answered("metaquery collection show N") == []


def test_bash_reads_back_what_was_quoted_and_so_do_we() -> None:
    """In each kind of quotation, and without one; one bash reads all of them."""
    made: list[tuple[str, str]] = []

    @given(st.text(st.sampled_from("ab '\"\\$`!*;=<>&|()~#éx"), max_size=12))
    @cases(100)
    def collect(word: str) -> None:
        for quote in ("", "'", '"'):
            line = taken_apart(f"metaquery {quote}", "bash")
            rest = quoted(word, line, "bash", goes_on=False)
            assert taken_apart(f"metaquery {quote}{rest}", "bash").word == word
            made.append((word, f"{quote}{rest}{quote}"))

    collect()
    script = "".join(f"printf '%s\\0' {text}\n" for _, text in made)
    read = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout.decode().split("\0")
    assert read[:-1] == [word for word, _ in made]


def test_bash_replaces_from_the_last_sign_that_breaks_words() -> None:
    line = taken_apart("metaquery count city\\ =\\ Os", "bash")
    assert (line.word, line.kept) == ("city = Os", "city =")
    assert quoted("city = Oslo (NO)", line, "bash", goes_on=True) == "\\ Oslo\\ \\(NO\\)"
    assert quoted("town = Oslo", line, "bash", goes_on=True) is None


def test_completing_imports_neither_http_nor_arrow_and_values_that_are_kept_no_engine(made: Path) -> None:
    code = (
        "import sys; from metaquery.cli.root import complete_in; complete_in('fish');"
        "print(*({'httpx', 'pyarrow', 'duckdb', 'lark', 'rich', 'starlette', 'prompt_toolkit'} & set(sys.modules)))"
    )

    def loaded(line: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=made,
            env={**os.environ, "COMP_LINE": line},
            capture_output=True,
            text=True,
            check=True,
        )
        *offered, modules = done.stdout.split("\n")[:-1]
        assert offered[0] in {"on", "whole"}
        assert len(offered) > 1
        return modules.split()

    assert loaded('metaquery count "dar') == ["lark"]
    assert loaded("metaquery collection show N") == []
    loaded("metaquery count \"city = 'O")
    assert loaded("metaquery count \"city = 'P") == ["lark"]
