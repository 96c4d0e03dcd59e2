"""The one door to what is compiled, where it was (docs/decisions/0015-compiled.md).

Nothing needs it: a phone, or a machine without a compiler, does the same in Python.
"""

from __future__ import annotations

IS_COMPILED = True

try:
    from sync.core._compiled import Splicing as Splicing
    from sync.core._compiled import opened as opened
    from sync.core._compiled import sealed as sealed
except ImportError:
    IS_COMPILED = False
