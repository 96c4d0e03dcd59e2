"""docs/explain-sync.md lists the reasons there are, in the order in which they are told."""

from __future__ import annotations

import re
from pathlib import Path

from sync.explain import REMEDIES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explain-sync.md"


def test_the_page_lists_every_reason_in_order() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(REMEDIES)


def test_every_remedy_is_one_sentence_that_tells_what_to_do() -> None:
    assert [r for r in REMEDIES.values() if not re.fullmatch(r"[A-Z][^\n]{14,}[.]", r)] == []
