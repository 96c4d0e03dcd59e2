from __future__ import annotations

from datagen.collections import WRITTEN
from datagen.dictionary import PAGE, page


def test_the_page_is_what_the_types_say():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m datagen.dictionary"


def test_every_collection_and_field_has_its_words():
    text = page()
    for collection in WRITTEN:
        assert f"\n## {collection}\n" in text
    assert "| ; " not in text and "|  |" not in text
