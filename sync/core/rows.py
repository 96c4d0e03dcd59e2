"""A document row from a stranger, believed only as far as it has the form ``packing`` makes.

A snapshot carries rows as they lie in the sender's database. What passes ``check_row`` can be
unpacked, merged and stored without a surprise later; whether it is true is the sender's affair.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import compress
from typing import Any

from sync.core.decode import body_of, parse_text, whole
from sync.core.forms import by_form
from sync.core.slots import SLOTS_MAX, named
from sync.core.stamps import HLC_MAX
from sync.core.state import Key, leaves_of
from sync.core.values import INT_MAX, VALUE_DEPTH_MAX, check_int, check_key, check_value
from sync.errors import DataError, MessageGarbage

_BORN = re.compile(r"\[(0|[1-9][0-9]{0,18}),(0|[1-9][0-9]{0,8})\]")
"""The meta of a document whose every leaf has one stamp, as ``packing`` writes it."""


def check_rows(
    bodies: Sequence[str | None],
    metas: Sequence[str],
    ghosts: Sequence[str | None],
    sites: Container[int],
) -> None:
    """``check_row`` for many rows at once, and ``body_of`` for their ghosts: bodies of one form
    have the same places, so a meta that suits one of them suits all."""
    texts = [body for body in bodies if body is not None]
    of_texts = metas if len(texts) == len(bodies) else [*compress(metas, bodies)]
    for fields, found in by_form(texts, of_texts):
        odd = [meta for meta in set(found) if not _is_of_birth(meta, sites)]
        leaves = [key for key, _ in leaves_of(fields)] if odd else []
        for meta in odd:
            _check_meta_text(meta, leaves, sites)
    if len(texts) < len(bodies):
        for body, meta in zip(bodies, metas, strict=True):
            if body is None:
                check_row(None, meta, sites)
    last = [ghost for ghost in ghosts if ghost is not None]
    for _ in by_form(last, last):
        pass


def _is_of_birth(meta: str, sites: Container[int]) -> bool:
    found = _BORN.fullmatch(meta)
    return found is not None and int(found[1]) <= HLC_MAX and int(found[2]) in sites


def check_row(body: object, meta: object, sites: Container[int]) -> None:
    """Raise ``MessageGarbage`` unless ``unpack(body, meta)`` makes a state.

    ``sites`` are the site numbers for which the message around the row names a replica.
    """
    try:
        leaves = [] if body is None else [key for key, _ in leaves_of(body_of(body))]
        _check_meta_text(meta, leaves, sites)
    except DataError as error:
        raise MessageGarbage(f"A row holds a value we cannot store: {error}") from error


def _check_meta_text(meta: object, leaves: list[Key], sites: Container[int]) -> None:
    _check_meta(_items(parse_text(meta), 2, 3, 4), leaves, sites)


def _check_meta(meta: list[Any], leaves: list[Key], sites: Container[int]) -> None:
    hlc, site, exceptions, extras = (*meta, [], [])[:4]
    _check_stamp(hlc, site, sites)
    without, places = set(leaves), set(leaves)
    for exception in _items(exceptions):
        hlc, site, named_here = _items(exception, 3)
        _check_stamp(hlc, site, sites)
        for key in _named(named_here, leaves, sites):
            _require(key in places, "stamps a field that it does not have")
            _require(key in without, "stamps a field twice")
            without.remove(key)
    seen: set[Key] = set()
    for extra in _items(extras):
        path, *leaf = _items(extra, 1, 3, 4)
        key = _key_of(path, sites)
        _require(key not in seen, "lists a leaf twice")
        seen.add(key)
        if leaf:
            _check_stamp(leaf[0], leaf[1], sites)
            _check_leaf(key, leaf[2:])
        else:
            _require(key in places, "takes away a field that it does not have")
            _require(key in without, "stamps a field that it takes away")


def _named(places: object, leaves: list[Key], sites: Container[int]) -> list[Key]:
    if isinstance(places, list):
        return [_key_of(path, sites) for path in places]
    is_mask = len(leaves) <= SLOTS_MAX
    _require(is_mask, "numbers the fields of a document that has too many")
    return named(whole(places, 1, (1 << len(leaves)) - 1, "mask"), leaves)


def _check_leaf(key: Key, value: list[Any]) -> None:
    """``value`` is empty for a tombstone."""
    last = key[-1] if key else ""
    if isinstance(last, tuple):
        _require(len(value) == 1, "has an increment without an amount")
        check_int(value[0])
    elif last is None:
        _require(value in ([], [True]), "says of a map neither that it is nor that it is not")
    elif value:
        _require(bool(key) and not isinstance(value[0], dict), "has a map where its leaves belong")
        check_value(value[0], len(key))


def _check_stamp(hlc: object, site: object, sites: Container[int]) -> None:
    whole(hlc, 0, HLC_MAX, "stamp")
    _require(whole(site, 0, INT_MAX, "site") in sites, "names a replica that its message does not")


def _key_of(path: object, sites: Container[int]) -> Key:
    """The key of a packed path, with the site in the place of the replica."""
    steps = _items(path)
    _require(len(steps) <= VALUE_DEPTH_MAX + 1 and steps[:1] != ["_id"], "has an impossible path")
    for step in steps[:-1]:
        check_key(step)
    last = steps[-1] if steps else ""
    if isinstance(last, list):
        site, n = _items(last, 2)
        _check_stamp(0, site, sites)
        return (*steps[:-1], (site, whole(n, 1, INT_MAX, "batch number")))
    if steps and last is not None:
        check_key(last)
    return tuple(steps)


def _items(value: object, *sizes: int) -> list[Any]:
    if not isinstance(value, list) or (sizes and len(value) not in sizes):
        raise MessageGarbage("A row has something else where a list of its parts belongs.")
    return value


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise MessageGarbage(f"A row {otherwise}.")
