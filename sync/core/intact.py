"""A check on every stored document, for disks that alter what they keep.

SQLite guards its WAL with checks and the pages of the main file with none: a flipped bit in a text
would be read as another text. So the ``meta`` of a row is stored with a check of the whole row
behind it. Rows written before there were checks are taken as they are.
"""

from __future__ import annotations

import zlib

from sync.core import compiled

_CUT = -9
"""Where the check begins: a tilde, and eight digits."""


def sealed(doc_id: str, body: str | None, meta: str, ghost: str | None) -> str:
    """``meta`` as it is stored."""
    row = f"{doc_id}\n{meta}\n{body}\n{ghost}".encode()
    return f"{meta}~{zlib.crc32(row):08x}"


def opened(doc_id: str, body: str | None, stored: object, ghost: str | None) -> str | None:
    """The ``meta`` that was sealed; None where the row is not what was written."""
    if not isinstance(stored, str):
        return None
    meta = stored[:_CUT]
    row = f"{doc_id}\n{meta}\n{body}\n{ghost}".encode()
    if stored[_CUT:] == f"~{zlib.crc32(row):08x}":  # ``sealed``, told apart at the end
        return meta
    return stored if stored.endswith("]") else None


if compiled.IS_COMPILED:
    sealed, opened = compiled.sealed, compiled.opened
