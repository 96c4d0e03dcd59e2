"""The best way to the documents of one collection: by id, by index, or one by one.

An index answers equality on its leading fields and then one range, prefix or order. More equal
fields beat fewer, a range beats none; statistics are not needed where every document is looked at
again anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from sync.query.errors import IndexMissing, nearest, quoted
from sync.query.nodes import Path
from sync.query.plan import Access, Catalogue, IdScan, Index, IndexScan, Place, Scan, UnionScan
from sync.query.terms import AllOf, Among, AnyOf, Begins, Inside, Same, Simple, Terms, parts_of

ID: Final = ("_id",)
UNION_PARTS_MAX: Final = 50
"""An OR of more branches reads a collection about as fast from end to end."""

Order: TypeAlias = tuple[Path, bool]


@dataclass(frozen=True, slots=True)
class Choice:
    """An access path, and a sentence for each index that was looked at."""

    access: Access
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of one collection: documents that meet ``terms``, if possible in ``order``;
    ``short`` where a LIMIT makes an order worth a look-up a document. ``hint`` is USE INDEX."""

    place: Place
    terms: Terms
    order: Order | None = None
    short: bool = False
    hint: str | None = None


def choose(wish: Wish, catalogue: Catalogue) -> Choice:
    """The access path for a wish."""
    place, scan = wish.place, Scan(wish.place, wish.terms)
    if place.system or wish.hint == "":
        return Choice(scan, ("USE INDEX '' asks for a scan.",) if wish.hint == "" else ())
    parts = list(parts_of(wish.terms))
    ids = _by_id(parts, place)
    if ids is not None and wish.hint is None:
        return Choice(ids)
    tried = [_try(index, parts, wish) for index in catalogue.of(place.name)]
    if wish.hint is not None:
        tried = [each for each in tried if each.index.name == wish.hint]
        if not tried:
            raise _unknown(wish, catalogue)
    useful = [each for each in tried if each.score > (0,)]
    best = max(useful, key=lambda each: each.score, default=None)
    if best is not None:
        access = IndexScan(place, best.index, AllOf(tuple(best.terms)), best.order)
        return Choice(access, tuple(_reason(each, best, wish) for each in tried))
    union = _union(parts, wish, catalogue)
    return Choice(union or scan, tuple(_reason(each, None, wish) for each in tried))


@dataclass(frozen=True, slots=True)
class _Try:
    """What an index would do for a wish."""

    index: Index
    terms: tuple[Simple, ...]
    order: Order | None
    score: tuple[int, ...]


def _try(index: Index, parts: list[Simple | AnyOf], wish: Wish) -> _Try:
    used: list[Simple] = []
    exact = 0
    order: Order | None = None
    is_ordered = True
    for path, _ in index.paths:
        on_path = [part for part in parts if not isinstance(part, AnyOf) and part.path == path]
        same = next((part for part in on_path if isinstance(part, Same)), None)
        if same is not None:
            used.append(same)
            exact += 1
            continue
        among = next((part for part in on_path if isinstance(part, Among)), None)
        if among is not None:
            used.append(among)
            exact += 1
            is_ordered = False
            continue
        if wish.order is not None and wish.order[0] == path and is_ordered:
            order = wish.order
        used += [part for part in on_path if isinstance(part, Inside | Begins)]
        break
    ranges = len(used) - exact
    worth = order is not None and (bool(used) or wish.short)
    if not used and not worth:
        return _Try(index, (), None, (0,))
    tie = -len(index.paths)
    return _Try(index, tuple(used), order, (1, exact, min(ranges, 1), int(order is not None), tie))


def _reason(each: _Try, best: _Try | None, wish: Wish) -> str:
    name = f"{each.index.name} ({fields_of(each.index)})"
    if best is not None and each.index == best.index:
        finds = [shown(part.path) for part in best.terms]
        uses = [f"finds {', '.join(dict.fromkeys(finds))}"] if finds else []
        uses += [f"gives the order by {shown(best.order[0])}"] if best.order else []
        return f"{name} is used: it {' and '.join(uses)}."
    if each.score > (0,):
        return f"{name} is not used: {best.index.name if best else 'another'} answers more."
    first = shown(each.index.paths[0][0])
    return f"{name} is not used: no condition on {first} that an index can answer."


def _unknown(wish: Wish, catalogue: Catalogue) -> IndexMissing:
    near = nearest(wish.hint or "", [each.name for each in catalogue.of(wish.place.name)])
    hint = f" Did you mean {near}?" if near else ""
    return IndexMissing(f"{wish.place.name} has no index {quoted(wish.hint or '')}.{hint}")


def _by_id(parts: list[Simple | AnyOf], place: Place) -> IdScan | None:
    found = [p for p in parts if isinstance(p, Same | Among) and p.path == ID]
    same = [p for p in found if isinstance(p, Same)]
    return IdScan(place, (same or found)[0]) if found else None


def _union(parts: list[Simple | AnyOf], wish: Wish, catalogue: Catalogue) -> UnionScan | None:
    """For the first OR whose every branch an id or an index finds."""
    for part in parts:
        if not isinstance(part, AnyOf) or len(part.parts) > UNION_PARTS_MAX:
            continue
        found: list[IdScan | IndexScan] = []
        for branch in part.parts:
            access = choose(Wish(wish.place, branch, hint=wish.hint), catalogue).access
            if isinstance(access, UnionScan):
                found += access.parts
            elif isinstance(access, IdScan | IndexScan):
                found.append(access)
            else:
                break
        else:
            return UnionScan(tuple(found))
    return None


def wanted_index(wish: Wish) -> Index | None:
    """The index that would serve a wish best; None if no index can."""
    parts = [part for part in parts_of(wish.terms) if not isinstance(part, AnyOf)]
    same = [part.path for part in parts if isinstance(part, Same | Among) and part.path != ID]
    ranges = [part.path for part in parts if isinstance(part, Inside | Begins)]
    paths = [(path, False) for path in same]
    if ranges:
        paths.append((ranges[0], False))
    elif wish.order is not None and wish.order[0] != ID and (paths or wish.short):
        paths.append(wish.order)
    paths = list(dict.fromkeys(paths))
    if not paths or wish.place.system:
        return None
    name = "by_" + "_".join("_".join(path) for path, _ in paths)
    return Index(name, wish.place.name, tuple(paths))


def shown(path: Path) -> str:
    """A path as it is written."""
    return ".".join(step if step.isidentifier() else f"`{step}`" for step in path)


def fields_of(index: Index) -> str:
    """The fields of an index as they are written."""
    return ", ".join(shown(path) + (" DESC" if down else "") for path, down in index.paths)


def statement_of(index: Index) -> str:
    """The CREATE INDEX that makes an index."""
    return (
        f"CREATE INDEX {shown((index.name,))} ON {shown((index.collection,))} ({fields_of(index)})"
    )
