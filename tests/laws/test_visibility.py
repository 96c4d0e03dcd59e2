"""What a reader sees is a pure function of the leaves, decided by C3 and C4 alone."""

from __future__ import annotations

from hypothesis import given

from sync.core.stamps import Stamp
from sync.core.state import leaves_at, leaves_of
from sync.core.visible import visible
from sync.ids import Document
from tests.helpers.core import REPLICAS, Entry, documents, histories, merged, naive_visible, spelt


@given(histories)
def test_it_agrees_with_the_naive_oracle(history: list[Entry]) -> None:
    assert spelt(visible(merged(history))) == spelt(naive_visible(history))


@given(documents)
def test_a_written_document_is_what_is_read(document: Document) -> None:
    leaves = leaves_at(Stamp(1, REPLICAS[0]), leaves_of(document))
    assert spelt(visible(merged(leaves))) == spelt(document)
