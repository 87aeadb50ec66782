"""`docs/reference/settings.md`: what can be set from outside, as `Settings` has it."""

from __future__ import annotations

from dataclasses import fields

from metaquery.settings import _BOUNDS, _PREFIX, _RUNS_A_PROGRAM, Settings
from tests.documentation.docstrings import Docstring

HEAD = """\
# Settings

A flag wins over the environment, that over `metaquery.toml` (here or in the nearest directory above), that over your
own `config.toml`, that over the default. `metaquery config` shows each value and where it is from,
`metaquery config --locate` the files.

```toml
page_rows = 500
offline = true
```

In Python a setting is an argument of [`metaquery.open`](python.md#metaqueryopen): `metaquery.open(threads=2)`.
"""

ELSEWHERE = """\
## Read, too

| variable | what for |
|---|---|
| `ENCORD_SSH_KEY_FILE`, `ENCORD_SSH_KEY` | The private key's file, or the key, where `connect` was given none. |
| `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` | How a server is reached, and whom to trust. |
| `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb` | Colour. |
| `PAGER` | The pager, where `METAQUERY_PAGER` is not set. |
| `XDG_CONFIG_HOME`, `XDG_CACHE_HOME`, `XDG_STATE_HOME` | Where `config.toml`, the cache and the history lie. |

A variable that begins with `METAQUERY_` and is no setting is an error that names the nearest. An empty variable sets
nothing, but an empty `METAQUERY_PAGER` is no pager.
"""


def page() -> str:
    """Return the page."""
    words = Docstring.of(Settings).entries("Attributes")
    settings = (field for field in fields(Settings) if field.name in Settings.names())
    return "\n".join([HEAD, *(_entry(f.name, str(f.type), f.default, words[f.name]) for f in settings), ELSEWHERE])


def _entry(name: str, kind: str, default: object, words: str) -> str:
    low, high = _BOUNDS.get(name, (None, None))
    files = "the user's `config.toml` alone" if name in _RUNS_A_PROGRAM else "`metaquery.toml` or `config.toml`"
    shown = {"None": "none", "True": "`true`", "False": "`false`"}.get(repr(default), f"`{default}`")
    told = f"{_TYPES[kind.partition(' ')[0]]}{f', {low:,} to {high:,}' if low is not None else ''}"
    where = f"`{_PREFIX}{name.upper()}`, or `{name}` in {files}."
    return f"## {name}\n\n{words}\n\n{where} {told}; default: {shown}.\n"


_TYPES = {"int": "A whole number", "float": "A number", "bool": "`true` or `false`", "Path": "A path", "str": "A text"}
