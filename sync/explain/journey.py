"""How far each change of a record has come, step by step, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias

from sync.explain.words import many, moment
from sync.ids import Document

Stage: TypeAlias = Literal["committed", "sent", "accepted", "refused", "delivered", "in_mongodb"]
STAGES: Final[tuple[Stage, ...]] = ("committed", "sent", "accepted", "delivered", "in_mongodb")
"""The way of a change that nobody refuses."""
NAMED_DEVICES_MAX: Final = 3
_LEFT: Final = ("sent", "accepted", "rejected", "discarded")
"""States of a batch that the hub has."""


@dataclass(frozen=True, slots=True)
class Landed:
    """MongoDB has the record as the hub's log had it at ``seq``; ``problem`` is why not."""

    seq: int
    at_ms: int | None = None
    problem: str = ""


InMongoDB: TypeAlias = Callable[[str, str], Landed | None]
"""Where a record is in MongoDB, by collection and id, as a connector knows it; None: it is not."""


Delivered: TypeAlias = Literal["read", "sent", "waiting"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A device in whose scope the record is: it has ``read`` the change, the change was ``sent`` to
    it, or it is still ``waiting``."""

    replica: str
    device: str
    state: Delivered


@dataclass(frozen=True, slots=True)
class Trip:
    """One batch that changed the record. Times are Unix milliseconds, None where they are not known
    here; ``documents`` counts what the batch changed, by collection.

    ``status`` is that of the log it was found in, ``status_ms`` when it came to that. ``readers``
    is None where only the hub knows them, ``connector`` whether one could be asked."""

    replica: str
    n: int
    device: str
    person: str
    made_ms: int
    documents: Mapping[str, int]
    status: str
    status_ms: int | None = None
    seq: int | None = None
    by_hub: bool = False
    refusal: str = ""
    readers: tuple[Delivery, ...] | None = None
    connector: bool = False
    landed: Landed | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: reached or not, when, and in words."""

    stage: Stage
    done: bool
    at_ms: int | None
    text: str


def steps(trip: Trip) -> tuple[Step, ...]:
    """The steps of one change, in their order; those that nobody here knows of are left out."""
    found = [_committed(trip)]
    if not trip.by_hub:
        found.append(_sent(trip))
    if trip.status in ("rejected", "discarded"):
        return (*found, _refused(trip))
    found.append(_accepted(trip))
    if trip.readers is not None:
        found += [_delivered(trip, trip.readers), _in_mongodb(trip)]
    return tuple(found)


def journey_items(trips: list[Trip]) -> list[Document]:
    """Every change with its steps, oldest first, as programs read them."""
    return [
        {
            "replica": trip.replica,
            "n": trip.n,
            "device": trip.device,
            "person": trip.person,
            "documents": dict(trip.documents),
            "seq": trip.seq,
            "steps": [asdict(step) for step in steps(trip)],
            "devices": None if trip.readers is None else [asdict(each) for each in trip.readers],
        }
        for trip in trips
    ]


def _committed(trip: Trip) -> Step:
    what = ", ".join(f"{count} {name}" for name, count in sorted(trip.documents.items()))
    change = f"change {trip.n}: {what}" if what else f"change {trip.n}"
    text = f"{trip.person} saved it on {trip.device} ({change})."
    return Step("committed", True, trip.made_ms, text)


def _sent(trip: Trip) -> Step:
    if trip.status in _LEFT:
        at_ms = trip.status_ms if trip.status == "sent" else None
        return Step("sent", True, at_ms, "It was sent to the hub.")
    if trip.status == "offered":
        return Step("sent", False, None, "It is being offered; the hub has not acknowledged it.")
    return Step("sent", False, None, "It waits to be sent.")


def _refused(trip: Trip) -> Step:
    given_up = " It was given up here." if trip.status == "discarded" else ""
    return Step("refused", True, trip.status_ms, f"The hub refused it: {trip.refusal}{given_up}")


def _accepted(trip: Trip) -> Step:
    if trip.status != "accepted":
        return Step("accepted", False, None, "The hub has not accepted it yet.")
    place = "" if trip.seq is None else f" as {trip.seq} of its log"
    return Step("accepted", True, trip.status_ms, f"The hub accepted it{place}.")


def _delivered(trip: Trip, readers: tuple[Delivery, ...]) -> Step:
    if not readers:
        return Step("delivered", True, None, "No other device is to have it.")
    read, sent = (sum(each.state == state for each in readers) for state in ("read", "sent"))
    waiting = [each.device for each in readers if each.state == "waiting"]
    text = f"{read} of {many(len(readers), 'device')} have read it, {sent} more were sent it."
    if waiting:
        named = waiting[:NAMED_DEVICES_MAX]
        others = [many(len(waiting) - len(named), "other")] if len(waiting) > len(named) else []
        text += f" It waits for {', '.join([*named, *others])}."
    return Step("delivered", not waiting, None, text)


def _in_mongodb(trip: Trip) -> Step:
    landed = trip.landed
    if not trip.connector:
        return Step("in_mongodb", False, None, "No connector to MongoDB runs here.")
    if landed is None:
        return Step("in_mongodb", False, None, "The connector has not written it to MongoDB.")
    if landed.problem:
        return Step("in_mongodb", False, None, f"MongoDB does not have it: {landed.problem}")
    if trip.seq is None or landed.seq < trip.seq:
        return Step("in_mongodb", False, None, "MongoDB has it as it was before.")
    when = "" if landed.at_ms is None else f" since {moment(landed.at_ms)}"
    return Step("in_mongodb", True, landed.at_ms, f"MongoDB has it{when}.")
