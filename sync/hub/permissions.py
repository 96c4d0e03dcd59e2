"""What an identity may read and write: one table, and the judgement of single changes (S3). Pure.

Rights are conditions over one document, never a join, so the hub judges each change on its own copy
and a device's scope can be computed from the same nodes. ``docs/protocol.md`` shows the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from sync.errors import OutOfScope, PermissionDenied
from sync.ids import Collection, Document, Json, UserId
from sync.peer.identity import Identity
from sync.query import EVERYTHING, NOTHING, And, Equals, Node, Not, Or, evaluate

SUPER_USER_ID: Final = UserId("00000000-0000-0000-0000-000000000000")
"""The all-zero id of the super manager, who sees every store (DESIGN §2)."""

WORKER, REP, MANAGER, SUPER = ROLES = ("worker", "rep", "manager", "super")

_SHARED = ("stores", "categories", "product_types", "products")
_PERSONAL = ("users", "devices")
COLLECTIONS = (*_SHARED, *_PERSONAL, "customers", "inventory", "orders", "order_items")
"""Everything that syncs. A write to any other collection is refused, whoever makes it."""


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of one identity: per collection the condition a document has to meet.

    A collection without an entry in ``read`` or ``write`` is closed. ``fixed`` names collections
    whose documents may be changed, but neither made nor removed.
    """

    role: str
    read: Mapping[Collection, Node]
    write: Mapping[Collection, Node]
    fixed: frozenset[Collection]

    def may_read(self, document: Document, collection: str) -> bool:
        """Whether the identity may hold this document."""
        return evaluate(self.read.get(Collection(collection), NOTHING), document)

    def judge_write(self, collection: str, before: Document | None, after: Document | None) -> None:
        """Raise ``PermissionDenied`` or ``OutOfScope`` unless the change is allowed.

        ``before`` and ``after`` are the document as it was and as it would be, None where there is
        none. Both are judged, so nobody takes a document over from another store or gives one away.
        """
        if collection not in COLLECTIONS:
            raise PermissionDenied(f"There is no collection {collection!r:.60} to write to.")
        node = self.write.get(Collection(collection), NOTHING)
        if node == NOTHING:
            raise PermissionDenied(f"A {self.role} may read {collection} but not write it.")
        if collection in self.fixed and (before is None or after is None):
            raise PermissionDenied(f"A {self.role} may change {collection}, not add or remove it.")
        for document, moment in ((before, "was"), (after, "would be")):
            if document is not None and not evaluate(node, document):
                raise OutOfScope(
                    f"A {self.role} may write {collection} only where {_words(node)}, "
                    f"and this document {moment} elsewhere."
                )


def access(identity: Identity) -> Access:
    """The rights of an identity. An unknown role has none."""
    if identity.role == SUPER or identity.user_id == SUPER_USER_ID:
        everything: dict[Collection, Node] = {Collection(name): EVERYTHING for name in COLLECTIONS}
        return Access(SUPER, everything, everything, frozenset())
    if identity.role not in ROLES:
        return Access(identity.role, {}, {}, frozenset())
    own_store = Equals(("store_id",), identity.store_id)
    own_customers = Equals(("primary_store_id",), identity.store_id)
    own_person = Or((own_store, Equals(("user_id",), identity.user_id)))
    read: dict[str, Node] = {
        **dict.fromkeys(_SHARED, EVERYTHING),
        **dict.fromkeys(_PERSONAL, own_person),
        "customers": own_customers,
        "inventory": EVERYTHING if identity.role == REP else own_store,
        "orders": own_store,
        "order_items": own_store,
    }
    write: dict[str, Node] = {
        "customers": own_customers,
        "inventory": own_store,
        "orders": own_store,
        "order_items": own_store,
    }
    return Access(
        role=identity.role,
        read={Collection(name): node for name, node in read.items()},
        write={Collection(name): node for name, node in write.items()},
        fixed=frozenset() if identity.role == MANAGER else frozenset({Collection("inventory")}),
    )


def _words(node: Node) -> str:
    """A write condition for people; those compare the store alone."""
    return f"the store is {node.value}" if isinstance(node, Equals) else "allowed"


def paths_in(node: Node) -> frozenset[tuple[str, ...]]:
    """The paths a condition looks at."""
    match node:
        case And(parts) | Or(parts):
            return frozenset().union(*(paths_in(part) for part in parts))
        case Not(part):
            return paths_in(part)
        case _:
            return frozenset({node.path})


def plain(node: Node) -> Json:
    """A condition as JSON: its name and its fields, in order."""
    values = [getattr(node, each.name) for each in fields(node)]
    match node:
        case And(parts) | Or(parts):
            values = [plain(part) for part in parts]
        case Not(part):
            values = [plain(part)]
    return [type(node).__name__, *values]
