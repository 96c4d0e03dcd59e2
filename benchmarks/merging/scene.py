"""What happens in each workload, told without any library: documents, and who writes what when.

*B* is the device (or hub) that is measured. It holds ``documents``; it writes ``before`` and
``after``; in between, without having heard of it, other devices write ``incoming``, which then
reaches B and is the only thing timed. Everything is made from a seed.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Fields = dict[str, Any]
Kind = Literal["set", "count", "restart"]

SEED = 9
OWN_STORE = "store_0"
"""Of the person whose device is measured. A hub has more stores, a device this one."""
DEVICE_DOCUMENTS = 10_000
TX_DOCUMENTS = 2_000
"""Documents one transaction of a large batch writes: 20,000 field updates."""
PATHS = (
    *(("location", "aisle"), ("location", "shelf"), ("location", "bin")),
    *(("product_id",), ("stock_level",), ("reorder_threshold",), ("supplier",)),
    *(("last_counted",), ("last_updated",), ("notes",)),
)
"""The ten fields of a document that are written. The store and the mark of a deleted document are
there besides in what W1 to W5 start from."""
WORDS = ("as delivered", "counted twice", "box is torn", "on the top shelf", "return to supplier")


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction: fields of documents, or amounts to count, by the device of that number."""

    device: int
    changes: tuple[tuple[str, Fields], ...]
    kind: Kind = "set"

    @property
    def ops(self) -> int:
        """How many fields it writes."""
        return sum(_leaves(fields) for _, fields in self.changes)


@dataclass(frozen=True, slots=True)
class Scene:
    """One workload. ``whole``: B starts empty and is sent all documents as they are."""

    name: str
    title: str
    documents: int
    before: tuple[Step, ...] = ()
    incoming: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    whole: bool = False
    one_by_one: bool = False
    """Every incoming transaction is a commit of its own."""
    on_hub: bool = False
    full_sync: bool = False
    own_every: int = 1
    """Of so many documents one lies in the store of the device."""

    @property
    def ops(self) -> int:
        """Field updates that reach B."""
        if self.whole:
            return self.documents * len(PATHS)
        return sum(step.ops for step in self.incoming)

    def document(self, number: int) -> tuple[str, Fields]:
        """Id and fields of one of the documents there are at the start."""
        chance = random.Random(SEED * 1_000_003 + number)
        store = OWN_STORE if number % self.own_every == 0 else f"store_{number % self.own_every}"
        fields: Fields = {"store_id": store, "product_id": f"prod_{chance.randrange(424):04}"}
        for path in PATHS:
            _put(fields, path, _value(path, chance))
        if self.whole:  # exactly ten fields
            del fields["supplier"], fields["notes"]
        return doc_id(number), {**fields, "deleted": False}

    def all_documents(self) -> Iterator[tuple[str, Fields]]:
        """Every document there is at the start."""
        return (self.document(number) for number in range(self.documents))

    def expected(self) -> dict[str, Fields]:
        """Documents of the own store as the last writer of each field leaves them."""
        found = {name: fields for name, fields in self.all_documents()}
        for step in (*self.before, *self.incoming, *self.after):
            for name, fields in step.changes:
                _merge(found[name], copy.deepcopy(fields))
        return {name: each for name, each in found.items() if each["store_id"] == OWN_STORE}


def doc_id(number: int) -> str:
    return f"inv_{number * 7_919 % 1_000_003:06}"


def scene(name: str, scale: float = 1.0) -> Scene:
    """The workload of that name; ``scale`` below 1 makes it smaller."""
    return SCENES[name](scale)


def _conflicts(name: str, scale: float) -> Scene:
    """W1: 100,000 field updates, half of them on fields that B has written meanwhile."""
    count = _scaled(DEVICE_DOCUMENTS, scale)
    chance = random.Random(SEED)
    quarters: tuple[list[Any], list[Any]] = ([], [])
    for number in range(count):
        shuffled = chance.sample(PATHS, len(PATHS))
        own = sum(chance.random() < 0.5 for _ in PATHS)
        quarters[0].append((number, shuffled[: own // 2]))
        quarters[1].append((number, shuffled[own // 2 : own]))
    order = chance.sample(range(count), count)
    return Scene(
        name,
        f"{count * len(PATHS):,} field updates on {count:,} documents, half in conflict",
        count,
        before=_steps(0, quarters[0], chance),
        incoming=_steps(1, [(number, PATHS) for number in order], chance),
        after=_steps(0, quarters[1], chance),
    )


def _initial(name: str, scale: float) -> Scene:
    count = _scaled(100_000, scale)
    return Scene(name, f"first download of {count:,} documents of ten fields", count, whole=True)


def _single(name: str, scale: float, *, full_sync: bool = False) -> Scene:
    count, chance = _scaled(5_000 if not full_sync else 1_000, scale), random.Random(SEED)
    documents = _scaled(DEVICE_DOCUMENTS, scale)
    chosen = chance.sample(range(documents), min(count, documents))
    steps = [_step(1, [(number, [chance.choice(PATHS)])], chance) for number in chosen]
    waits = ", each waiting for the disk" if full_sync else ""
    return Scene(
        name,
        f"{len(chosen):,} merges of one field, a commit each{waits}",
        documents,
        incoming=tuple(steps),
        one_by_one=True,
        full_sync=full_sync,
    )


def _sparse(name: str, scale: float) -> Scene:
    documents, chance = _scaled(DEVICE_DOCUMENTS, scale), random.Random(SEED)
    chosen = chance.sample(range(documents), documents // 2)
    step = _step(1, [(number, [chance.choice(PATHS)]) for number in chosen], chance)
    title = f"one field on each of {len(chosen):,} documents, one batch"
    return Scene(name, title, documents, incoming=(step,))


def _large_hub(name: str, scale: float) -> Scene:
    """W1 on a hub that holds 45 stores' documents."""
    base = _conflicts(name, scale)
    own = [number * 45 for number in range(base.documents)]

    def moved(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        names = {doc_id(index): doc_id(number) for index, number in enumerate(own)}
        return tuple(
            Step(step.device, tuple((names[old], fields) for old, fields in step.changes))
            for step in steps
        )

    return Scene(
        name,
        f"the same on a hub of {base.documents * 45:,} documents, judged by its permissions",
        base.documents * 45,
        before=moved(base.before),
        incoming=moved(base.incoming),
        after=moved(base.after),
        on_hub=True,
        own_every=45,
    )


def _counters(name: str, scale: float) -> Scene:
    """W7: every device sells and sometimes counts, all of them at the same time."""
    devices, products, chance = 50, 100, random.Random(SEED)
    increments = _scaled(200, scale)
    steps = []
    for sale in range(increments):
        for device in range(1, devices + 1):
            named = doc_id(chance.randrange(products))
            amount = -chance.randrange(1, 4)
            steps.append(Step(device, ((named, {"stock_level": amount}),), "count"))
            if (sale * devices + device) % 20 == 0:
                counted = {"stock_level": chance.randrange(40, 90)}
                steps.append(Step(device, ((named, counted),), "restart"))
    title = f"{devices} devices × {increments} increments on {products} products, with recounts"
    return Scene(name, title, products, incoming=tuple(steps))


SCENES: dict[str, Callable[[float], Scene]] = {
    "W1": lambda scale: _conflicts("W1", scale),
    "W2": lambda scale: _initial("W2", scale),
    "W3": lambda scale: _single("W3", scale),
    "W3-full": lambda scale: _single("W3-full", scale, full_sync=True),
    "W4": lambda scale: _sparse("W4", scale),
    "W5": lambda scale: _large_hub("W5", scale),
    "W7": lambda scale: _counters("W7", scale),
}


def _steps(device: int, wanted: list[Any], chance: random.Random) -> tuple[Step, ...]:
    starts = range(0, len(wanted), TX_DOCUMENTS)
    return tuple(_step(device, wanted[at : at + TX_DOCUMENTS], chance) for at in starts)


def _step(device: int, wanted: list[Any], chance: random.Random) -> Step:
    changes = []
    for number, paths in wanted:
        fields: Fields = {}
        for path in paths:
            _put(fields, path, _value(path, chance))
        if fields:
            changes.append((doc_id(number), fields))
    return Step(device, tuple(changes))


def _value(path: tuple[str, ...], chance: random.Random) -> Any:
    match path[-1]:
        case "aisle":
            return str(chance.randrange(1, 30))
        case "shelf":
            return chance.choice("ABCDEF")
        case "bin":
            return str(chance.randrange(1, 40))
        case "product_id":
            return f"prod_{chance.randrange(424):04}"
        case "stock_level":
            return chance.randrange(500)
        case "reorder_threshold":
            return chance.randrange(5, 50)
        case "supplier":
            return f"supplier_{chance.randrange(40)}"
        case "notes":
            return chance.choice(WORDS)
        case _:
            hour, minute = chance.randrange(24), chance.randrange(60)
            return f"2026-11-{chance.randrange(1, 29):02}T{hour:02}:{minute:02}:00Z"


def _scaled(count: int, scale: float) -> int:
    return max(20, round(count * scale))


def _put(fields: Fields, path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        fields = fields.setdefault(name, {})
    fields[path[-1]] = value


def _merge(target: Fields, fields: Fields) -> None:
    for name, value in fields.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        else:
            target[name] = value


def _leaves(fields: Fields) -> int:
    return sum(_leaves(each) if isinstance(each, dict) else 1 for each in fields.values())
