"""How many random cases a test takes: a fixed number of the same ones in `make test`, many new ones in `make fuzz`.

Hypothesis's profile decides: `test`, which is loaded unless told otherwise, or `fuzz` (`--hypothesis-profile=fuzz`).
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

_LONGER = 10


def register_profiles() -> None:
    settings.register_profile("test", deadline=None, derandomize=True)
    settings.register_profile("fuzz", deadline=None, print_blob=True)
    settings.load_profile("test")


def whole() -> bool:
    """Whether what takes minutes is run as well."""
    return bool(settings.get_current_profile_name() == "fuzz")


def cases(number: int, *, shrink: bool = True) -> settings:
    """Return settings for so many cases, or `_LONGER` times as many.

    A case may be large: a world with its filters is drawn as one, and makes what fails smaller itself.
    """
    phases = [phase for phase in settings().phases if shrink or phase is not Phase.shrink]
    return settings(
        max_examples=number * (_LONGER if whole() else 1), phases=phases, suppress_health_check=list(HealthCheck)
    )
