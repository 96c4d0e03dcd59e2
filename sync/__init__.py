"""The sync engine under Zava Edge: a document store that merges, and the parts that carry it.

Layers, low to high; a module imports only from layers before its own (checked by
``tests/tidy/test_layers.py``)::

    errors, ids -> core -> query -> wire      pure: no I/O, clock and randomness are arguments
    -> ports -> local                         SQLite, transactions, live queries
    -> device | hub                           the two ends of a session
    -> system | web -> serve                  real clock, HTTP skin, composition root
"""
