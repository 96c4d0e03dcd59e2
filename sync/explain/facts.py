"""What is known of one document and one device, before anybody draws a conclusion.

The hub gathers some of it and a device the rest, so everything has a value that says "not known".
Times are Unix milliseconds; a ``seq`` is a place in the hub's log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sync.ids import Json


@dataclass(frozen=True, slots=True)
class Touch:
    """One change of the document: when, by whom, and on which device, as people call them."""

    at_ms: int
    person: str
    device: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A change of the document that the hub refused: batch ``n`` of ``device``."""

    n: int
    at_ms: int
    code: str
    message: str
    remedy: str
    device: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Own work on the document that the hub has not settled, and since when the oldest waits.

    ``sent`` says that the hub holds all of it and has not given its verdict here.
    """

    batches: int
    since_ms: int
    sent: bool


@dataclass(frozen=True, slots=True)
class Session:
    """How a device stands with its hub, as the device knows it.

    ``retry_at_ms`` is 0 where it does not wait after a failure. ``problem`` is the code of what
    went wrong last, empty for nothing.
    """

    online: bool = True
    signed_in: bool = True
    token_ended: bool = False
    retry_at_ms: int = 0
    problem: str = ""
    last_synced_ms: int | None = None
    loading: bool = False

    @property
    def is_well(self) -> bool:
        """Whether nothing keeps the device from its hub, as far as it knows."""
        return self.online and self.signed_in and not self.token_ended and not self.problem


@dataclass(frozen=True, slots=True)
class Held:
    """A peer brought the document, or, not ``whole``, its newest change; the hub has not confirmed
    it."""

    person: str
    device: str
    since_ms: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """Whether the device's person may read the document, and the rule in words. ``person`` is empty
    where the account is closed or gone."""

    person: str
    role: str
    may_read: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Left:
    """The change that took the document out of the device's scope: ``field`` from one value to
    another; an empty field where it is not known which. ``of`` names another document, on which
    this one rests; empty for its own field."""

    by: Touch
    field: str
    before: Json
    after: Json
    of: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the device asks for. ``among`` are its statements over the document's collection,
    ``refused`` those of them that the hub does not answer, each with the reason. ``selects`` is
    None where that cannot be judged. ``total`` counts all; a device without any holds all that its
    person may read."""

    total: int
    among: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    selects: bool | None = None


Change: TypeAlias = Literal["subscriptions", "person", "day"]


@dataclass(frozen=True, slots=True)
class Former:
    """An earlier scope of the device held the document; ``change`` is what made it another one, and
    ``gone`` the statement that selected it, where one was cancelled."""

    change: Change
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a device has read the hub's log. ``read`` is what it has said itself, ``sent`` what
    went out to it since; ``first`` and ``newest`` are where the document entered the log and where
    it changed last. ``heard_ms`` is None for a device that has never asked."""

    read: int
    sent: int
    head: int
    first: int
    newest: int
    heard_ms: int | None


Lacks: TypeAlias = Literal["", "device", "devices_of"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about one document and one device.

    ``lacks``: nobody is called so, or the person has no device. ``known``: there is, or was, such a
    document where the question is asked. ``here``: the file of a device shows it; None at the hub.
    """

    collection: str
    doc_id: str
    now_ms: int
    device: str = ""
    replica: str = ""
    at_hub: bool = False
    lacks: Lacks = ""
    known: bool = True
    here: bool | None = None
    deleted: Touch | None = None
    soft_deleted: Touch | None = None
    refused: tuple[Refused, ...] = ()
    waiting: Waiting | None = None
    session: Session | None = None
    held: Held | None = None
    initial: bool = False
    evicted_ms: int | None = None
    retracted_ms: int | None = None
    rights: Rights | None = None
    left: Left | None = None
    former: Former | None = None
    asked: Asked | None = None
    reading: Reading | None = None
