"""Why a record is or is not on a device, and how far it has come: facts in, sentences out. Pure."""

from __future__ import annotations

from sync.explain.decision import reasons
from sync.explain.facts import Facts
from sync.explain.reasons import REMEDIES, Reason
from sync.ids import Document

__all__ = ["REMEDIES", "Facts", "Reason", "items_of", "reasons"]


def items_of(facts: Facts) -> list[Document]:
    """The reasons as ``EXPLAIN SYNC`` answers them: an item each, most important first."""
    return [
        {
            "device": facts.replica,
            "device_name": facts.device,
            "code": each.code,
            "text": each.text,
            "remedy": each.remedy,
            "details": each.details,
        }
        for each in reasons(facts)
    ]
