"""The pure heart: stamps, document state, merge, conflicts, batches. No I/O, no clock, no chance.

Read in this order: ``stamps``, ``values``, ``state`` (merge), ``visible`` (what a reader sees),
``draft`` (how a write becomes ops), ``batch`` (ops as bytes), ``decode`` (and back, believing
nothing), ``conflicts``, ``packing`` (state as a database row), ``rows`` (rows from strangers).
``docs/crdt.md`` tells the same story in prose.
"""
