"""LIKE: ``%`` is any text, ``_`` one character, the rest itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

ESCAPE: Final = "\\"
"""Before ``%``, ``_`` or itself, where the statement names no other character."""

Run = str | tuple[str | None, ...]
"""Characters that follow one another, None for any one; a text where none is unknown."""


class Like:
    """A pattern, read once. A text is searched for the runs between the ``%`` from left to right;
    the first place of each is the best, so nothing is tried twice."""

    __slots__ = ("_fold", "_runs", "prefix")

    def __init__(self, pattern: str, escape: str = ESCAPE, fold: bool = False) -> None:
        """``fold`` disregards case (ILIKE)."""
        self._fold = fold
        self._runs = _runs(pattern.lower() if fold else pattern, escape)
        first = self._runs[0]
        known = first if isinstance(first, str) else first[: first.index(None)]
        self.prefix = "".join(each for each in known if each is not None)
        """The text that every match begins with (in lower case for ILIKE)."""

    @property
    def is_prefix(self) -> bool:
        """Whether the pattern is nothing but a prefix: ``p%``."""
        return len(self._runs) == 2 and not self._runs[1] and isinstance(self._runs[0], str)

    @property
    def is_text(self) -> bool:
        """Whether the pattern stands for one text alone."""
        return len(self._runs) == 1 and isinstance(self._runs[0], str)

    @property
    def test(self) -> Callable[[str], bool]:
        """The quickest way to ``matches``."""
        prefix = self.prefix
        if self.is_prefix and not self._fold:
            return lambda text: text.startswith(prefix)
        return self.matches

    def matches(self, text: str) -> bool:
        """Whether the whole text fits."""
        if self._fold:
            text = text.lower()
        first, *rest = self._runs
        if not rest:
            return len(text) == len(first) and _fits(first, text, 0)
        *middle, last = rest
        end = len(text) - len(last)
        if end < len(first) or not _fits(first, text, 0) or not _fits(last, text, end):
            return False
        at = len(first)
        for run in middle:
            found = _find(run, text, at, end)
            if found is None:
                return False
            at = found + len(run)
        return True


def _runs(pattern: str, escape: str) -> list[Run]:
    runs: list[list[str | None]] = [[]]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == escape and at < len(pattern):
            runs[-1].append(pattern[at])
            at += 1
        elif char == "%":
            runs.append([])
        else:
            runs[-1].append(None if char == "_" else char)
    return [_packed(run) for run in runs]


def _packed(run: list[str | None]) -> Run:
    known = [each for each in run if each is not None]
    return "".join(known) if len(known) == len(run) else tuple(run)


def _fits(run: Run, text: str, at: int) -> bool:
    if isinstance(run, str):
        return text.startswith(run, at)
    return all(want is None or want == text[at + step] for step, want in enumerate(run))


def _find(run: Run, text: str, start: int, end: int) -> int | None:
    """The first place at or after ``start`` where the run fits and ends at or before ``end``."""
    if isinstance(run, str):
        found = text.find(run, start, end)
        return None if found < 0 else found
    for at in range(start, end - len(run) + 1):
        if _fits(run, text, at):
            return at
    return None
