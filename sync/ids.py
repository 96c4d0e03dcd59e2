"""Names of the things the engine moves around: ids, paths and JSON values.

A path is a list of keys, never a dotted string (C2), so a key may contain any character.
"""

from __future__ import annotations

from typing import Any, NewType

ReplicaId = NewType("ReplicaId", str)
"""32 hexadecimal digits drawn at random when a database file is made (C1)."""

UserId = NewType("UserId", str)
DocId = NewType("DocId", str)
Collection = NewType("Collection", str)

Json = Any
"""What the standard ``json`` module reads: None, bool, int, float, str, list, dict."""

Document = dict[str, Json]
"""A visible document as an application sees it; ``_id`` is one of its keys."""

NIL_REPLICA = ReplicaId("0" * 32)
"""Author of INITIAL documents: data every replica may write by itself without a conflict (C2)."""
