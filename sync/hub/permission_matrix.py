"""What rules come to: role × collection × operation × whose document, by judging samples. Pure.

There is a sample of each collection in the own store and in another one, of the person and of
somebody else. They refer to one another, so rules with a SELECT within them can be judged too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from sync.errors import Rejection
from sync.hub.collections import FIELDS, ROLES
from sync.ids import Collection, Document, Json, UserId
from sync.peer.access import Access, Kind, Write
from sync.peer.identity import Identity
from sync.peer.rules import Rules
from sync.query.nodes import Node, Path
from sync.query.related import Fresh, Related

Operation = Literal["read", "create", "update", "delete", "move in", "move out"]

OPERATIONS: Final[tuple[Operation, ...]] = (
    *("read", "create", "update", "delete"),
    *("move in", "move out"),
)
"""A move changes the store of a document, where it has one, to the own one or from it."""
OWN_STORE, OTHER_STORE = "store_own", "store_other"
ME, SOMEBODY = UserId("user_me"), UserId("user_somebody")
_STORES: Final = ("store_id", "primary_store_id")
_PEOPLE: Final = ("user_id", "assigned_rep_id", "created_by")
_NUMBERS: Final = (
    *("stock_level", "quantity", "item_count", "base_price", "unit_price", "line_total"),
    *("discount_percent", "discount_amount", "subtotal", "tax", "discount_total", "total"),
    *("order_discount", "order_discount_percent", "reorder_threshold", "cost"),
)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Whose a sample is."""

    own_store: bool
    mine: bool

    def __str__(self) -> str:
        store, person = ("own store" if self.own_store else "other store"), self.mine
        return f"{store}, {'mine' if person else 'of somebody else'}"

    @property
    def word(self) -> str:
        """The same as part of an id."""
        return f"{'own' if self.own_store else 'other'}_{'mine' if self.mine else 'theirs'}"


PLACES: Final = tuple(Place(own, mine) for own in (True, False) for mine in (True, False))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a role may do something to one sample; ``why`` says why not."""

    role: str
    collection: Collection
    operation: Operation
    place: Place
    allowed: bool
    why: str = ""


def sample_person(role: str) -> Identity:
    """The person of a role whom samples are about."""
    return Identity(ME, "me", "Me", role, OWN_STORE, "OWN")


def sample(collection: str, place: Place) -> Document:
    """A document of a collection; what it refers to are the samples of the same place."""
    fields: dict[str, Json] = {name: _value(name, place) for name in FIELDS[collection]}
    return {**fields, "_id": sample_id(collection, place), "deleted": False}


def sample_id(collection: str, place: Place) -> str:
    """The id of a sample."""
    return f"{collection}_{place.word}"


def _value(field: str, place: Place) -> Json:
    references = {
        **{"order_id": "orders", "customer_id": "customers", "product_id": "products"},
        **{"category_id": "categories", "type_id": "product_types", "device_id": "devices"},
    }
    if field in _STORES:
        return OWN_STORE if place.own_store else OTHER_STORE
    if field in _PEOPLE:
        return ME if place.mine else SOMEBODY
    if field in references:
        return sample_id(references[field], place)
    if field == "store_code":
        return "OWN" if place.own_store else "OTH"
    if field in ("location", "specifications", "seasonal_multipliers", "codes"):
        return {"aisle": "4"} if field == "location" else {}
    return 1 if field in _NUMBERS else f"{field} {place.word}"


def verdicts(rules: Rules) -> Iterator[Verdict]:
    """Everything a rule set says about the samples."""
    related = Fresh(_samples)
    for role in ROLES:
        rights = rules.access(sample_person(role))
        for collection in rules.collections:
            for operation in OPERATIONS:
                for place in _places(collection, operation):
                    why = _refusal(rights, collection, operation, place, related)
                    yield Verdict(role, collection, operation, place, why is None, why or "")


def _places(collection: Collection, operation: Operation) -> Iterator[Place]:
    """Where a sample is after an operation, or before one that removes it."""
    for place in PLACES:
        moves = operation.startswith("move")
        has_store = any(name in FIELDS[collection] for name in _STORES)
        if not moves or (has_store and place.own_store == (operation == "move in")):
            yield place


def _samples(collection: Collection, condition: Node) -> Iterable[Document]:
    return [sample(collection, place) for place in PLACES]


def _refusal(
    rights: Access, collection: Collection, operation: Operation, place: Place, related: Related
) -> str | None:
    here = sample(collection, place)
    if operation == "read":
        return None if rights.may_read(here, collection, related) else "It may not be read."
    kinds: dict[Operation, Kind] = {"create": "create", "delete": "delete"}
    kind = kinds.get(operation, "change")
    before: Document | None = None if kind == "create" else here
    touched: frozenset[Path] = frozenset()
    if operation.startswith("move"):
        there = sample(collection, Place(not place.own_store, place.mine))
        before = {**here, **{name: there[name] for name in _STORES if name in there}}
        touched = frozenset((name,) for name in _STORES if name in here)
    try:
        after = None if kind == "delete" else here
        rights.judge_write(Write(kind, collection, before, after, touched), _Still(related))
    except Rejection as error:
        return str(error)
    return None


@dataclass(frozen=True, slots=True)
class _Still:
    """Samples never change."""

    related: Related

    @property
    def before(self) -> Related:
        """The state before."""
        return self.related

    @property
    def after(self) -> Related:
        """The same."""
        return self.related


@dataclass(frozen=True, slots=True)
class Line:
    """What some roles may in one collection, in words; ``fields`` are those a change may touch."""

    collection: Collection
    roles: tuple[str, ...]
    read: str
    create: str
    update: str
    delete: str
    fields: str


def lines(rules: Rules) -> list[Line]:
    """The matrix for people: one line for the roles that may the same in a collection."""
    found = list(verdicts(rules))
    made: list[Line] = []
    for collection in rules.collections:
        groups: dict[tuple[str, ...], list[str]] = {}
        for role in ROLES:
            cells = [
                _cell([v for v in found if (v.role, v.collection, v.operation) == key])
                for key in ((role, collection, operation) for operation in OPERATIONS[:4])
            ]
            groups.setdefault((*cells, _fields(rules, role, collection)), []).append(role)
        made += [Line(collection, tuple(roles), *cells) for cells, roles in groups.items()]
    return made


def _cell(found: list[Verdict]) -> str:
    allowed = {verdict.place for verdict in found if verdict.allowed}
    own = {place for place in PLACES if place.own_store}
    mine = {place for place in PLACES if place.mine}
    words = {
        frozenset(PLACES): "all",
        frozenset(own): "own store",
        frozenset(mine): "mine",
        frozenset(own | mine): "own store or mine",
        frozenset(own & mine): "mine in own store",
        frozenset[Place](): "–",
    }
    return words.get(frozenset(allowed), "; ".join(str(place) for place in sorted(allowed)))


def _fields(rules: Rules, role: str, collection: Collection) -> str:
    grant = rules.grants.get(role, {}).get(collection)
    if grant is None or role in rules.all_roles:
        return ""
    only = "" if grant.only is None else f"only {', '.join(grant.only)}"
    never = f"not {', '.join(grant.never)}" if grant.never else ""
    return "; ".join(filter(None, [only, never]))


def markdown(rules: Rules) -> str:
    """The matrix as a table for a page."""
    rows = [
        f"| {each.collection} | {', '.join(each.roles)} | {each.read} | {each.create} |"
        f" {each.update}{f' ({each.fields})' if each.fields else ''} | {each.delete} |"
        for each in lines(rules)
    ]
    head = "| Collection | Roles | Read | Create | Update | Delete |"
    return "\n".join([head, "| --- | --- | --- | --- | --- | --- |", *rows]) + "\n"
