"""Product search over the documents a device holds: instant, offline, forgiving.

    ProductIndex(products).search("cordles dril")[0].product["product_name"]

A SKU or barcode typed or scanned in full comes first. Otherwise the products that hold most of the
asked words are ranked: a whole word counts more than the start of one, that more than a part inside
one or a slip of the keyboard; the name counts more than the specifications, those more than the
description.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.domain.codes import EAN13_DIGITS
from app.domain.words import Vocabulary, singular, words

RESULTS_MAX = 50
QUERY_WORDS_MAX = 8
QUERY_LETTERS_MAX = 200

SKU_START_LETTERS_MIN = 4

INSIDE_LETTERS_MIN = 3
"""Fewer letters than this are looked for only at the start of words."""

_WHOLE, _PLURAL, _START, _INSIDE, _TYPO = 1.0, 0.95, 0.75, 0.4, 0.35
_SKU_START = 20.0
_NAME, _SKU, _SPECIFICATION, _DESCRIPTION = 8.0, 6.0, 3.0, 1.0
_HEAD, _BEFORE_HEAD = 2.0, 1.5
"""The words before the first comma end in what a thing is: a Claw Hammer, not a Hammer Drill."""


@dataclass(frozen=True, slots=True)
class Match:
    """A found product; `exact` when its SKU or barcode is what was asked for."""

    product: Mapping[str, Any]
    score: float
    exact: bool


class ProductIndex:
    """An index over product documents, without deleted ones; build a new one on a change."""

    def __init__(self, products: Iterable[Mapping[str, Any]]) -> None:
        self._products = [product for product in products if not product.get("deleted")]
        self._exact: dict[str, int] = {}
        self._weights: dict[str, dict[int, float]] = defaultdict(dict)
        self._name_lengths: list[int] = []
        for place, product in enumerate(self._products):
            self._add(place, product)

    def __len__(self) -> int:
        return len(self._products)

    def search(self, text: str, limit: int = 20) -> list[Match]:
        """The best matches for a text, best first, at most `limit`; nothing for an empty text."""
        pinned = self._exact.get(_compact(text))
        scores = self._scores(self._asked(text))
        for place in self._coded(_compact(text)):
            scores[place] = scores.get(place, 0.0) + _SKU_START
        if pinned is not None:
            scores[pinned] = float("inf")
        ranked = sorted(scores, key=lambda place: (-scores[place], self._tie_break(place)))
        return [
            Match(self._products[place], scores[place], place == pinned)
            for place in ranked[: min(limit, RESULTS_MAX)]
        ]

    def _add(self, place: int, product: Mapping[str, Any]) -> None:
        name = words(product["product_name"])
        self._name_lengths.append(len(name))
        self._exact[_compact(product["sku"])] = place
        if product.get("barcode"):
            self._exact[_compact(product["barcode"])] = place
        head = words(product["product_name"].split(",")[0])
        self._weigh_all(name, place, _NAME)
        self._weigh_all(head[-2:], place, _NAME + _BEFORE_HEAD)
        self._weigh_all(head[-1:], place, _NAME + _HEAD)
        self._weigh_all(words(product["sku"]), place, _SKU)
        specifications = " ".join(str(v) for v in (product.get("specifications") or {}).values())
        self._weigh_all(words(specifications), place, _SPECIFICATION)
        self._weigh_all(words(product.get("product_description") or ""), place, _DESCRIPTION)

    def _weigh_all(self, found: Sequence[str], place: int, weight: float) -> None:
        for word in found:
            self._weigh(word, place, weight)

    def _weigh(self, word: str, place: int, weight: float) -> None:
        places = self._weights[word]
        places[place] = max(weight, places.get(place, 0.0))

    def _scores(self, asked: Sequence[str]) -> dict[int, float]:
        """Places of products that hold most of the asked words, and the sum of their weights."""
        hits: Counter[int] = Counter()
        total: dict[int, float] = defaultdict(float)
        for word in asked:
            for place, weight in self._places(word).items():
                hits[place] += 1
                total[place] += weight
        most = max(hits.values(), default=0)
        return {place: weight for place, weight in total.items() if hits[place] == most}

    def _places(self, word: str) -> dict[int, float]:
        found: dict[int, float] = {}
        for known, quality in self._alike(word):
            for place, weight in self._weights[known].items():
                found[place] = max(found.get(place, 0.0), weight * quality)
        return found

    def _alike(self, word: str) -> list[tuple[str, float]]:
        """Known words the asked one may mean; slips are only considered when it means nothing."""
        stem = singular(word)
        inside = len(stem) >= INSIDE_LETTERS_MIN and stem.isalpha()
        alike = []
        for known in self._weights:
            if known == word:
                alike.append((known, _WHOLE))
            elif singular(known) == stem:
                alike.append((known, _PLURAL))
            elif known.startswith(stem):
                alike.append((known, _START))
            elif inside and stem in known:
                alike.append((known, _INSIDE))
        return alike or [(known, _TYPO) for known in self._vocabulary.near(word)]

    def _coded(self, start: str) -> list[int]:
        """Places of the products whose SKU starts like this."""
        if len(start) < SKU_START_LETTERS_MIN or start.isdigit():
            return []
        return [place for code, place in self._exact.items() if code.startswith(start)]

    def _asked(self, text: str) -> list[str]:
        """Words of a query, `screw driver` and `lightbulb` as the catalogue writes them."""
        asked: list[str] = []
        for word in words(text[:QUERY_LETTERS_MAX])[:QUERY_WORDS_MAX]:
            if asked and asked[-1] + word in self._weights:
                asked[-1] += word
                continue
            cuts = range(INSIDE_LETTERS_MIN, len(word) - INSIDE_LETTERS_MIN + 1)
            halves = ((word[:cut], word[cut:]) for cut in cuts if word not in self._weights)
            both = (pair for pair in halves if all(half in self._weights for half in pair))
            asked += next(both, (word,))
        return asked

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._weights)

    def _tie_break(self, place: int) -> tuple[int, str]:
        return self._name_lengths[place], str(self._products[place]["product_name"])


def _compact(code: str) -> str:
    """A SKU or barcode without spaces and hyphens, a UPC-A as the EAN-13 it is part of."""
    plain = re.sub(r"[\s-]", "", code).upper()
    is_upc_a = plain.isdigit() and len(plain) == EAN13_DIGITS - 1
    return plain.zfill(EAN13_DIGITS) if is_upc_a else plain
