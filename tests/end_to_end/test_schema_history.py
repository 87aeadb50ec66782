"""An import overwrites the organisation's schema: what it changes is shown, and what it replaced can be had again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from encord import EncordUserClient

import metaquery
from metaquery.sandbox import SandboxProcess

from .conftest import Terminal

pytestmark = pytest.mark.filterwarnings("ignore:.*client_metadata_schema.* is deprecated:DeprecationWarning")
"""The seed uses these calls of the SDK, so they are held to."""

SEED = {"captured_at": "datetime", "city": "datetime", "dark": "boolean"}


@pytest.fixture
def terminal(server: SandboxProcess, tmp_path: Path) -> Terminal:
    """A workspace that was synced under the seed's schema, which somebody else had set."""
    terminal = Terminal(tmp_path)
    (tmp_path / "seed.json").write_text(json.dumps(SEED))
    (tmp_path / "good.json").write_text(server.key_file.with_name("schema.json").read_text())
    colleague(server).set_client_metadata_schema_from_dict(SEED)
    terminal.run("connect", "--domain", server.url, "--key", str(server.key_file))
    terminal.run("schema", "show")
    terminal.run("sync", "--project", "Street scenes Europe")
    return terminal


def colleague(server: SandboxProcess) -> EncordUserClient:
    """Return the official SDK, which somebody else uses."""
    return EncordUserClient.create_with_ssh_private_key(ssh_private_key_path=server.key_file, domain=server.url)


def test_the_plan_counts_what_fits_as_typing_anew_does(terminal: Terminal) -> None:
    workspace = metaquery.open(terminal.home)
    plan = workspace.schema.plan(json.loads((terminal.home / "good.json").read_text()))
    told = {change.key: change.fit for change in plan.changes if change.after}
    assert {"city", "weather", "clip", "gps", "rig", "reviewed_at"} <= told.keys()
    workspace.schema.keep(plan.after)
    keys = {key.name: key for key in workspace.rematerialise().snapshot.keys}
    for key, fit in told.items():
        assert fit is not None
        assert (fit.valid, fit.invalid) == (keys[key].valid, keys[key].invalid), key
        assert sum(look.rows for look in fit.misfits) == fit.invalid


def test_set_shows_what_changes_and_asks(terminal: Terminal) -> None:
    done = terminal.run("schema", "set", "good.json", exits=2)
    assert "  ~ city: datetime becomes string; 351 of 353 values fit, 2 do not" in done.stdout
    assert "  + speed: number; 351 of 354 values fit" in done.stdout
    assert "give --yes" in done.stderr
    (terminal.home / "fewer.json").write_text('{"city": "datetime"}')
    assert "  - dark: boolean\n" in terminal.run("schema", "set", "fewer.json", exits=2).stdout
    assert json.loads(terminal.run("schema", "show", "--json").stdout).keys() == SEED.keys()


def test_what_was_replaced_is_in_the_history_and_can_be_restored(terminal: Terminal, server: SandboxProcess) -> None:
    held = colleague(server).get_client_metadata_schema()
    terminal.run("schema", "set", "good.json", "--yes")
    versions = json.loads(terminal.run("schema", "history", "--json").stdout)
    fingerprint = metaquery.open(terminal.home).connection
    assert fingerprint is not None
    assert [version["how"] for version in versions] == ["seen at schema show", "set here"]
    assert versions[-1]["fingerprint"] == fingerprint.fingerprint
    assert {"key": "city", "change": "retyped"}.items() <= next(
        change for change in versions[-1]["changes"] if change["key"] == "city"
    ).items()
    shown = terminal.run("schema", "history").stdout
    assert "     ~ city: datetime becomes string" in shown
    assert versions[0]["digest"][:8] in shown
    terminal.run("schema", "restore", exits=2)
    told = terminal.run("schema", "restore", "--yes").stdout
    assert "~ city: string becomes datetime; 0 of 353 values fit" in told
    assert colleague(server).get_client_metadata_schema() == held
    terminal.run("schema", "restore", "2", "--yes")
    assert "this schema already" in terminal.run("schema", "restore", versions[1]["digest"][:10], "--yes").stdout
    assert "no version '9'" in terminal.run("schema", "restore", "9", exits=2).stderr


def test_what_somebody_else_set_is_told_and_remembered(terminal: Terminal, server: SandboxProcess) -> None:
    colleague(server).set_client_metadata_schema_from_dict({"city": "string", "mine": "number"})
    done = terminal.run("schema", "set", "good.json", exits=2)
    assert "Somebody changed the organisation's schema since it was last seen here (version 1," in done.stderr
    assert "  - mine: number" in done.stdout
    assert "Somebody" not in terminal.run("schema", "set", "good.json", exits=2).stderr
    assert "seen at schema set" in terminal.run("schema", "history").stdout
    colleague(server).set_client_metadata_schema_from_dict({"city": "string"})
    terminal.run("sync", "--project", "Street scenes Europe")
    last = json.loads(terminal.run("schema", "history", "--json").stdout)[-1]
    assert (last["how"], list(last["schema"])) == ("seen at sync", ["city"])
    assert "by somebody" in terminal.run("schema", "history").stdout.splitlines()[0]


def test_a_schema_of_this_workspace_alone_is_in_the_history_and_hides_nothing(terminal: Terminal) -> None:
    terminal.run("schema", "set", "--local", "good.json")
    assert "set here alone" in terminal.run("schema", "history").stdout
    assert "Somebody" not in terminal.run("schema", "set", "good.json", exits=2).stderr
    assert "~ city: datetime becomes string" in terminal.run("schema", "restore", "2", "--local").stdout


def test_there_is_nothing_to_restore_before_a_schema_was_seen(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert "No schema was set or seen" in terminal.run("schema", "history").stderr
    assert "no version '1'" in terminal.run("schema", "restore", "1", "--local", exits=2).stderr
    assert "no other schema" in terminal.run("schema", "restore", "--local", exits=2).stderr
