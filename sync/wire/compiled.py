"""The one door to what is compiled of this layer, as ``sync.core.compiled`` is to what is of that.

Nothing needs it: what is not compiled is done in Python.
"""

from __future__ import annotations

IS_COMPILED = True

try:
    from sync.wire._compiled import small_part as small_part
except ImportError:
    IS_COMPILED = False
