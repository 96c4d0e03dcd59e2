"""The commonest merge of all, without taking a document apart: values where values are.

A change that sets fields which show in a row, or counts on counters that do, needs no state: of
each field the later stamp stays, the body takes the values that won, the meta their stamp. What is
the same for every document of a form is in a plan; masks of slots tell who wins what. Where a
compiled part is there, it does most of it on the texts.
Everything else is for ``state.merge``; all give the same row, which ``tests/laws`` holds them to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

from sync.core import compiled
from sync.core.batch import Change
from sync.core.conflicts import Lost
from sync.core.counting import counted
from sync.core.intact import opened, sealed
from sync.core.losses import Losses
from sync.core.packing import NO_LEAF, ReplicaOf, SiteOf
from sync.core.plans import Count, Plan, Values, map_at, plan_of
from sync.core.slots import Form, form_of
from sync.core.stamps import Stamp
from sync.core.state import IncrementId, Key, is_increment
from sync.core.text import canonical, compact, parse
from sync.core.values import INT_MAX, INT_MIN, TOMBSTONE
from sync.ids import Json

Overwritten: TypeAlias = tuple[str | None, str, list[Lost]]
"""Body and meta of a row after a change, and what lost. The body is None where nothing won."""
Stored: TypeAlias = tuple[str, str | None, str, str | None, int]
"""A row as it lies in the file: id, body, sealed meta, ghost, and where it lies."""


class Moved(NamedTuple):
    """Rows after a change each, those that moved as columns."""

    ids: list[str]
    bodies: list[str]
    metas: list[str]
    """Sealed."""
    places: list[int]
    rest: list[str]
    """Ids of those that are for ``state.merge``, or not what was written."""


_lost: Callable[[tuple[Any, ...]], Lost] = partial(tuple.__new__, Lost)
"""``Lost`` without the Python call that makes a named tuple."""


class Overwriting:
    """Merges changes of one stamp, document by document."""

    __slots__ = (
        *("_form", "_keys", "_losses", "_own_site", "_plan"),
        *("_replica_of", "_site_of", "_splicing", "_stamp", "_writers"),
    )

    def __init__(
        self, stamp: Stamp, site_of: SiteOf, replica_of: ReplicaOf, losses: Losses | None = None
    ) -> None:
        """``losses`` is told of what lost, by ``over``; without it ``merged`` tells of all."""
        self._stamp = stamp
        self._losses = losses
        self._own_site: int | None = None
        self._site_of = site_of
        self._replica_of = replica_of
        self._writers: dict[tuple[int, int], Stamp] = {}
        self._form: Form | None = None
        self._keys: tuple[Key, ...] = ()
        self._plan: Plan | None = None
        self._splicing = (
            compiled.Splicing(stamp, site_of, replica_of, losses) if compiled.IS_COMPILED else None
        )

    def turn_to(self, stamp: Stamp, losses: Losses) -> None:
        """Merge changes of another stamp from here on, and tell ``losses`` of what lost."""
        self._stamp, self._losses, self._own_site = stamp, losses, None
        self._writers.clear()
        if self._splicing is not None:
            self._splicing.turn_to(stamp, losses)

    def over(self, collection: str, rows: list[Stored], changes: Mapping[str, Change]) -> Moved:
        """Merge its change into each of many rows."""
        assert self._losses is not None, "what lost has to go somewhere"
        moved = Moved([], [], [], [], [])
        if self._splicing is not None:
            ids, bodies, metas, places, rows = self._splicing.over(collection, rows, changes)
            moved = Moved(ids, bodies, metas, places, [])
        for row in rows:
            doc_id, body, stored, ghost, place = row
            meta = opened(doc_id, body, stored, ghost)
            found = None
            if not (meta is None or body is None or ghost is not None or NO_LEAF in meta):
                change = changes[doc_id]
                found = self._unspliced(body, meta, change.keys, change.values)
            if found is None:
                moved.rest.append(doc_id)
                continue
            after, meta, lost = found
            if after is not None:
                moved.ids.append(doc_id)
                moved.bodies.append(after)
                moved.metas.append(sealed(doc_id, after, meta, None))
                moved.places.append(place)
            for each in lost:
                self._losses.add(collection, doc_id, each)
        return moved

    def merged(
        self, body: str, meta: str, keys: tuple[Key, ...], values: Values
    ) -> Overwritten | None:
        """The row after a change was merged into it; None where ``state.merge`` has to decide."""
        if self._splicing is not None:
            found = self._splicing.merged(body, meta, keys, values)
            if found is not None:
                return found
        return self._unspliced(body, meta, keys, values)

    def _unspliced(
        self, body: str, meta: str, keys: tuple[Key, ...], values: Values
    ) -> Overwritten | None:
        """``merged``, of what is not spliced."""
        found = None
        if '"' in meta:  # names of what is unseen, as a counter has it that was counted on
            increments = [place for place, key in enumerate(keys) if is_increment(key)]
            if len(increments) == 1:
                found = self._counted(body, meta, keys, values, increments[0])
        return found or self._by_plan(body, meta, keys, values)

    def _counted(
        self, body: str, meta: str, keys: tuple[Key, ...], values: Values, place: int
    ) -> Overwritten | None:
        """The row after a change that counts once, at a place among its keys, if it has been
        counted on before; whatever else is set is then no matter of the counter."""
        stamp, others = self._stamp, keys[:place] + keys[place + 1 :]
        key, by, amount = keys[place], keys[place][-1], values[place]
        if not isinstance(by, tuple) or by[0] != stamp.replica or not isinstance(amount, int):
            return None
        if any([each[:1] == key[:1] for each in others]):
            return None
        found = counted(body, meta, key[:-1], (self._site(), by[1]), amount, stamp.hlc)
        if found is None:
            return None
        lost: list[Lost] = []
        after, head = None if found.absorbed else found.body, found.head
        if others:
            rest = values[:place] + values[place + 1 :]
            merged = self.merged(found.body, head, others, rest)
            if merged is None:
                return None
            after, head, lost = merged[0] or after, merged[1], [*merged[2]]
        if found.absorbed:
            hlc, site, base = found.absorbed
            winner = self._stamp_of(hlc, site)
            lost.append(_lost(("absorbed", stamp, winner, (key,), (amount,), (base,))))
        return after, found.join(head), lost

    def _by_plan(
        self, body: str, meta: str, keys: tuple[Key, ...], values: Values
    ) -> Overwritten | None:
        document: dict[Any, Any] = parse(body)
        form = form_of(body, document)
        if form is not self._form or keys is not self._keys:
            self._form, self._keys, self._plan = form, keys, plan_of(form, keys)
        plan = self._plan
        if plan is None or TOMBSTONE in values or document.get("deleted") is True:
            return None
        row: list[Any] = parse(meta)
        writers = _numbered(row[2], form) if len(row) > 2 else []
        extras: list[list[Any]] = row[3] if len(row) > 3 else []
        if extras and any([_extras_at(extras, key) for key in plan.keys]):
            return None
        if plan.counts:
            ops = [*zip(keys, values, strict=True)]
            if not self._count(plan.counts, document, row, writers, extras, ops):
                return None
        now, came, held = self._stamp.hlc, plan.came(values), plan.held(document)
        differing = plan.differing(held, came)
        lost: list[Lost] = []
        left = won = plan.touched
        for writer in (*writers, row):
            both = left if writer is row else writer[2] & plan.touched
            if not both:
                continue
            then = writer[0]
            if then > now:
                won ^= both
            elif then == now:
                return None
            elif writer is not row:
                writer[2] ^= both
            left ^= both
            if both & differing:
                lost += self._lost(writer, plan, both & differing, held, came)
        if won:
            writers.append([now, self._site(), won])
            plan.put(won, document, came)
        elif not plan.counts:
            return None, meta, lost
        packed = [row[0], row[1], [each for each in writers if each[2]]]
        if extras:
            packed.append(extras)
        return canonical(document), compact(packed), lost

    def _lost(
        self, writer: list[Any], plan: Plan, mask: int, held: Values, came: Values
    ) -> tuple[Lost, ...]:
        """What lost between the change and a writer, who wrote what is held, if that is asked."""
        stamp, hlc = self._stamp, writer[0]
        other = self._stamp_of(hlc, writer[1])
        pair = (stamp, other) if hlc > stamp.hlc else (other, stamp)
        if self._losses is not None and self._losses.pair("overwritten", *pair) is None:
            return ()
        keys = plan.keys
        if mask != plan.touched:
            keys, take = plan.picked(mask)
            held, came = take(held), take(came)
        if hlc > stamp.hlc:
            held, came = came, held
        return (_lost(("overwritten", *pair, keys, held, came)),)

    def _stamp_of(self, hlc: int, site: int) -> Stamp:
        stamp = self._writers.get((hlc, site))
        if stamp is None:
            stamp = self._writers[hlc, site] = Stamp(hlc, self._replica_of(site))
        return stamp

    def _site(self) -> int:
        if self._own_site is None:
            self._own_site = self._site_of(self._stamp.replica)
        return self._own_site

    def _count(
        self,
        counts: list[Count],
        document: dict[Any, Any],
        row: list[Any],
        writers: list[list[Any]],
        extras: list[list[Any]],
        ops: list[tuple[Key, Json]],
    ) -> bool:
        """Count on the numbers shown; False where that is not plain counting."""
        stamp, site = self._stamp, self._site()
        for place, where, bit in counts:
            path, holder = list(where), map_at(document, where[:-1])
            shown, unseen = holder[path[-1]], _extras_at(extras, where)
            if type(shown) is not int or not all([_counts_on(each, path) for each in unseen]):
                return False
            key, amount = ops[place]
            replica, n = cast(IncrementId, key[-1])
            total, increment = shown + amount, [*path, [site, n]]
            if replica != stamp.replica or not INT_MIN < shown < INT_MAX:
                return False
            if not INT_MIN <= total <= INT_MAX or any([each[0] == increment for each in unseen]):
                return False
            base = next((each for each in unseen if each[0] == path), None)
            if base is None:  # it shows as it is no more
                base = [path, *_take_stamp(row, writers, bit), shown]
                extras.append(base)
            if len(base) > 1 and base[1] >= stamp.hlc:
                return False
            extras.append([increment, stamp.hlc, site, amount])
            holder[path[-1]] = total
        return True


def _numbered(writers: list[list[Any]], form: Form) -> list[list[Any]]:
    """Writers of a meta who name what they wrote by slots, as none did in earlier versions."""
    for writer in writers:
        if writer[2].__class__ is list:
            writer[2] = sum([form.bits[tuple(path)] for path in writer[2]])
    return writers


def _extras_at(extras: list[list[Any]], key: Key) -> list[list[Any]]:
    """The unseen leaves above a path, at it and below it; the flag of a soft delete."""
    path, depth = list(key), len(key)
    return [e for e in extras if e[0][:depth] == path[: len(e[0])] or e[0] == ["deleted"]]


def _counts_on(extra: list[Any], path: list[Any]) -> bool:
    """Whether an unseen leaf is the base of the counter at a path, or an increment of it."""
    where = extra[0]
    is_increment = len(where) == len(path) + 1 and isinstance(where[-1], list)
    return bool(where == path or is_increment) and (len(extra) == 4 or where == path)


def _take_stamp(row: list[Any], writers: list[list[Any]], bit: int) -> list[int]:
    """[hlc, site] of the leaf in a slot, which has none from now on."""
    for writer in writers:
        if writer[2] & bit:
            writer[2] ^= bit
            return writer[:2]
    return row[:2]
