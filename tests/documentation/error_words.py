"""What `docs/reference/errors.md` says of each error in words: what it means, and what to do."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A code: what it means, what to do, and the filter of the golden cases that shows it."""

    means: str
    do: str
    shown: str


CODES = {
    "empty-expression": Code("There is no filter in the text.", "Write `true` to select every row.", "   "),
    "unexpected-token": Code(
        "A word or a sign stands where none of its kind may.", "The last line says what may stand there.", "dark = = 1"
    ),
    "unexpected-end": Code(
        "The text ends in the middle of a condition.", "Go on with what the last line says.", "dark and"
    ),
    "unterminated-string": Code(
        "A text has no closing quote.", "Close it; a quote inside of a text is written twice.", "city = 'Par"
    ),
    "unterminated-name": Code(
        "A quoted name has no end.", "Close it. Names stand in double quotes, texts in single ones.", '"city'
    ),
    "unterminated-comment": Code("A remark has no end.", "Close it: `*/`.", "dark /* x"),
    "bad-character": Code(
        "A sign that no filter has, or one that cannot be seen, as text from elsewhere has it.",
        "Remove it; write straight quotes, and `and` and `or`.",
        "dark; true",
    ),
    "bad-number": Code("What begins like a number is none.", "Write it as one, or quote the name.", "speed = 12abc"),
    "bad-duration": Code(
        "A length of time has no such unit.", "Units are `ms s min h d w mo y`.", "captured_at > now() - 7m"
    ),
    "bad-escape": Code(
        "`E'…'` knows no such escape.", r"Write `'…'`, where a backslash is a backslash, or `\\`.", r"city = E'\q'"
    ),
    "bad-datetime": Code(
        "A date that no calendar has, or a text that is no date. Of kind `syntax` where it is not in quotes.",
        "Write a day, a month, or an instant.",
        "captured_at = 2023-02-30",
    ),
    "chained-comparison": Code("Comparisons do not chain.", "Use `between`, or `and`.", "1 < speed < 5"),
    "reserved-word": Code("A word of the language stands where a name is meant.", "Quote the name.", "in = 3"),
    "missing-and": Code(
        "Two conditions stand side by side.", "Join them by `and` or `or`; quote a text.", "dark city = 'x'"
    ),
    "bad-regex": Code(
        "A regular expression that RE2 does not read.",
        "Write it without look-around and back-references; for a plain text use `contains`.",
        "city ~ '('",
    ),
    "not-a-filter": Code(
        "An order or a limit, where a filter alone is taken.",
        "Give it to the query: `--order-by`, `--limit`.",
        "dark order by city",
    ),
    "unknown-field": Code(
        "No field has this name. A text without quotes is taken for a name, too.",
        "Take the name that is suggested; quote a text. `metaquery describe` shows every key.",
        "drak",
    ),
    "ambiguous-field": Code("Two fields have the name.", "Write which is meant.", "duration > 1"),
    "unknown-function": Code(
        "There is no such function, or geometry.", "See the functions of the language.", "foo(speed)"
    ),
    "unknown-saved-filter": Code(
        "No filter is saved under this name for what is asked.", "`metaquery filter list` shows them.", "@nigth"
    ),
    "saved-filter-cycle": Code("Saved filters name each other in a circle.", "Change one of them.", "@hen"),
    "unknown-collection": Code(
        "There is no Collection of this title.", "`metaquery collection list` shows them.", "in collection 'nigth'"
    ),
    "unknown-parameter": Code(
        "A parameter has no value.", "Give it: `--param NAME=VALUE`, in Python by name.", "city = :ctiy"
    ),
    "type-mismatch": Code(
        "Two sides, or a function and what it is given, are of different types; nothing is converted.",
        "Write the value in the field's type; or [the schema is wrong](../schema-repair.md).",
        "speed = 'fast'",
    ),
    "null-comparison": Code("A comparison with null is never true.", "Ask `is null`.", "city = null"),
    "not-boolean": Code("A field that is no BOOLEAN stands alone.", "Compare it with something.", "speed and dark"),
    "unknown-enum-value": Code(
        "The schema does not list this value.",
        "Take one that it lists; `metaquery describe` shows them.",
        "weather = 'rian'",
    ),
    "bad-arguments": Code(
        "A function is given too much, too little, or what it cannot take.",
        "The last line shows how it is written.",
        "substr(city, 0) = 'x'",
    ),
    "field-required": Code("The function takes a field by its name.", "Write the name of one.", "raw('x') = 'y'"),
    "constant-required": Code(
        "What has to be the same for all rows differs from row to row.", "Write it out.", "city like note"
    ),
    "bad-geometry": Code(
        "A place that is not on the globe, or not written as one.",
        "Longitude comes first.",
        "s_intersects(loc, POINT(200 1))",
    ),
    "unsupported-in-dialect": Code(
        "Spark is asked, or its SQL, and has nothing that is sure to mean the same ([Spark](../scale.md)).",
        "Say it otherwise, or ask DuckDB over the same lake.",
        "accenti(city) = 'sao paulo'",
    ),
    "too-long": Code("The text has too many bytes.", "Keep long lists of ids as a Collection.", "true"),
    "too-deep": Code("Brackets, `not`, signs or calls are nested too deep.", "Write it flatter.", "not dark"),
    "too-many-items": Code("A list is too long.", "Keep the ids as a Collection.", "speed in (1, 1)"),
    "too-complex": Code(
        "Too many operators, fields and values.", "Put parts into brackets, or split it.", "speed + 1 > 1"
    ),
    "number-range": Code("A number that no number can be.", "Write a smaller one.", "speed = 1e400"),
    "regex-too-long": Code("The regular expression is too long.", "Split it by `or`.", "city ~ 'x'"),
}
"""By code, in the order of `grammar/README.md`."""

DO = {
    "MetaqueryError": "Catch it, and show `str()` of it: the message, and below it what to do.",
    "UsageError": "Change the argument as the message says.",
    "SettingsError": "Change the value where the message says that it is from; see [Settings](settings.md).",
    "SchemaError": "Correct the key that is named, and set the schema again.",
    "FilterError": "See [above](#errors-of-filters).",
    "WireError": "The next ones are its kinds, and say what happened.",
    "AuthError": "Name the right key's file with `metaquery connect --key`, or register the public key in Encord.",
    "Unreachable": "Look at the address, the network and the proxy; the same command again goes on.",
    "RateLimited": "Wait as long as the message says; fewer requests at once: `METAQUERY_CONNECTIONS=1`.",
    "ServerError": "Try again later; the message has the id of the request, for Encord's support.",
    "Refused": "The message has the server's words; mostly the key lacks a right.",
    "NotFound": "Look at the name; what a key may not see is not there for it.",
    "UnexpectedPayload": "Report it, with the id of the request: the protocol has changed, or a proxy answered.",
    "StoreError": "The message names the file; the next ones are its kinds.",
    "NoSnapshot": "`metaquery sync` first.",
    "CorruptSpool": "`metaquery verify` says what is damaged; `metaquery sync --full` reads it anew.",
    "WorkspaceLocked": "Wait for the process that is named, or give `--wait SECONDS`.",
    "NoSpace": "Make room (`metaquery prune` helps), and run the same command again.",
    "SyncError": "Run the sync again: the source changed while it was read, or a file has no row that can be taken.",
    "CollectionError": "The message says what is in the way; `metaquery collection list` shows what there is.",
    "PresetError": "Write the filter in metaquery's language; the parts that are not understood are named.",
    "PushError": "The same command again goes on; `metaquery push log` shows how far it got.",
    "EditError": "Correct the values that are named; after a failure on the way, `metaquery metadata resume`.",
    "EngineError": "`metaquery verify` where the message says that a file is damaged; else report it.",
}
"""What to do about each class."""
