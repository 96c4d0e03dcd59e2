"""The language as data: what is there, a statement, and what comes of it (``cases/*.json``).

A file is a page of the language. It holds groups, each with the documents its cases begin with
(``given``: {collection: [documents]}). A case has a ``name``, a ``statement``, perhaps ``args``,
and some of these, all of which must hold:

``result``    the items; in this order if the statement says ORDER BY
``mutated``   ids of the documents it changed, in any order
``after``     {collection: [documents]}, as found afterwards
``error``     the code; then ``says`` is a part of the message
``mentions``  parts of the items, for plans
``before``    statements that run first

``engine: replica`` marks what plain dicts cannot do: indexes, plans, ``system:`` collections.
``settled`` has the hub accept the documents first: what EVICT asks for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"
CHECKS = {"result", "mutated", "after", "error", "mentions"}
KNOWN = CHECKS | {"name", "statement", "args", "says", "before", "engine"}

Documents = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class LanguageCase:
    """One case with the documents it begins with."""

    page: str
    given: Documents
    fields: dict[str, Any]
    settled: bool = False
    replica_only: bool = False
    before: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        return f"{self.page}: {self.fields['name']}"

    @property
    def statement(self) -> str:
        return str(self.fields["statement"])

    @property
    def args(self) -> dict[str, Any]:
        return dict(self.fields.get("args", {}))

    @property
    def ordered(self) -> bool:
        return re.search(r"\bORDER\s+BY\b", self.statement, re.IGNORECASE) is not None


def language_cases() -> Iterator[LanguageCase]:
    """Every case of every page."""
    for path in sorted(FOLDER.glob("*.json")):
        for group in json.loads(path.read_text(encoding="utf-8")):
            for fields in group["cases"]:
                engine = fields.get("engine", group.get("engine"))
                yield LanguageCase(
                    page=path.stem,
                    given=group["given"],
                    fields=fields,
                    settled=group.get("settled", False),
                    replica_only=engine == "replica",
                    before=tuple(fields.get("before", ())),
                )
