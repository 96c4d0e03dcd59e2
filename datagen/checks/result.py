"""The outcome of one check, and how problems are gathered for it."""

from __future__ import annotations

from dataclasses import dataclass

REMEDY = "Generate the data set again, or correct this document where it is written."


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check; `remedy` is empty when it passed."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


class Problems:
    """What each named check has found: the first problem and how many there are."""

    def __init__(self, names: list[str]) -> None:
        self._first: dict[str, str] = {}
        self._count = dict.fromkeys(names, 0)

    def add(self, check: str, problem: str) -> None:
        """One more problem of a check."""
        self._first.setdefault(check, problem)
        self._count[check] += 1

    def results(self) -> list[CheckResult]:
        """One result a check, in order."""
        return [self._result(name, count) for name, count in self._count.items()]

    def _result(self, name: str, count: int) -> CheckResult:
        if not count:
            return CheckResult(name, True, "all documents pass")
        others = f", and {count - 1:,} more" if count > 1 else ""
        return CheckResult(name, False, f"{self._first[name]}{others}", REMEDY)
