"""Words of a text, and how far a mistyped word is from a known one; what search is built on."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

TYPO_LETTERS_MIN = 4
"""Shorter words are matched as typed: one letter away from `nut` lies half the shop."""

TWO_TYPOS_LETTERS_MIN = 8

_WORD = re.compile(r"[0-9]+(?:[./x-][0-9]+)*|[a-z]+")


def words(text: str) -> list[str]:
    """Lower-case words and numbers, accents dropped: `20V, 1-1/4 in.` is 20, v, 1-1/4, in."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _WORD.findall(plain.replace("'", ""))


def singular(word: str) -> str:
    """The word without a plural `s` or `es`, where what is left is still a word."""
    if len(word) > 4 and word.endswith(("shes", "ches", "xes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def typos_allowed(word: str) -> int:
    """How many slips a word of this length may hold: none, one, or two."""
    if len(word) < TYPO_LETTERS_MIN or not word.isalpha():
        return 0
    return 1 if len(word) < TWO_TYPOS_LETTERS_MIN else 2


def distance(one: str, other: str) -> int:
    """Slips between two words: letters added, dropped, changed, or two neighbours swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        above, row, older = row, [i] + [0] * len(other), before
        for j, wanted in enumerate(other, start=1):
            change = above[j - 1] + (letter != wanted)
            row[j] = min(above[j] + 1, row[j - 1] + 1, change)
            swapped = i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted
            if swapped:
                row[j] = min(row[j], older[j - 2] + 1)
        before = above
    return row[-1]


class Vocabulary:
    """Known words, found again although mistyped.

    Words with one slip share a form with one letter left out, which makes them a dictionary
    look-up; longer words with two slips are looked for among those with the same first letter.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._forms: dict[str, list[str]] = defaultdict(list)
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for word in known:
            if typos_allowed(word):
                self._by_letter[word[0]].append(word)
                for form in _shortened(word):
                    self._forms[form].append(word)

    def near(self, word: str) -> list[str]:
        """Known words within the slips allowed for this one; nearer ones shut out farther ones."""
        allowed = typos_allowed(word)
        if not allowed:
            return []
        candidates = {known for form in _shortened(word) for known in self._forms.get(form, ())}
        near = [known for known in candidates if distance(word, known) <= 1]
        if not near and allowed > 1:
            alike = (known for known in self._by_letter[word[0]] if abs(len(known) - len(word)) < 3)
            near = [known for known in alike if distance(word, known) <= allowed]
        return sorted(near)


def _shortened(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
