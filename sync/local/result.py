"""What a statement answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.ids import Document


@dataclass(frozen=True, slots=True)
class Result:
    """``items`` are what SELECT, RETURNING and EXPLAIN give; ``mutated_ids`` the documents that
    were changed, one that got the value it had included. ``commit_id`` numbers the commit of this
    replica (S1); None where nothing was committed. ``notes`` say what a person may not expect."""

    items: list[Document] = field(default_factory=list)
    mutated_ids: list[str] = field(default_factory=list)
    commit_id: int | None = None
    notes: list[str] = field(default_factory=list)
