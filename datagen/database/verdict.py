"""What a check found, in one sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

Outcome: TypeAlias = Literal["good", "note", "bad"]
"""``note``: works, but somebody should know."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check. What is bad comes with a remedy."""

    name: str
    outcome: Outcome
    message: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a program reads it."""
        return asdict(self)


def good(name: str, message: str) -> Verdict:
    """All is well."""
    return Verdict(name, "good", message)


def note(name: str, message: str, remedy: str = "") -> Verdict:
    """It works, with a restriction."""
    return Verdict(name, "note", message, remedy)


def bad(name: str, message: str, remedy: str) -> Verdict:
    """It does not work."""
    return Verdict(name, "bad", message, remedy)


def is_well(verdicts: Iterable[Verdict]) -> bool:
    """Whether nothing is bad."""
    return all(each.outcome != "bad" for each in verdicts)
