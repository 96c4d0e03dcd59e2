"""Who may see and change what, as plain data: conditions of DQL by role and collection (S3).

The hub reads them from a file (``sync.hub.permission_file``); as plain data they can travel, and
rights are worked out from them wherever documents are judged.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

from sync.core.values import canonical
from sync.ids import Collection, Json, UserId
from sync.peer.access import Access, Rule, Writing
from sync.peer.identity import Identity
from sync.query.selecting import rule_of
from sync.query.selection import DAY_MS, Selection, everything

ALWAYS: Final = "true"
NEVER: Final = "false"
USER_FIELDS: Final = ("user_id", "role", "store_id", "store_code", "login", "name")
"""What ``$user.`` knows of a person, from the token; what is empty there is null."""
_USER = re.compile(r"\$user\.(\w+)")
ACCESSES_MAX: Final = 256
"""Rights kept ready: those of the people of some shops on one day."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may do in one collection. ``changed_from`` and ``changed_to`` judge a change,
    on the document before and after; of its fields only ``only`` may change, if they are named, and
    none of ``never``. ``words`` tell a person what the conditions of writing mean."""

    read: str = NEVER
    create: str = NEVER
    changed_from: str = NEVER
    changed_to: str = NEVER
    delete: str = NEVER
    only: tuple[str, ...] | None = None
    never: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Rules:
    """Grants by role and collection. ``all_roles`` and ``all_users`` may everything in each of the
    ``collections``; an unknown role may nothing. ``defaults`` are the subscriptions of a device
    that has none of its own, by role; without any it holds all that its person may read."""

    collections: tuple[Collection, ...]
    grants: Mapping[str, Mapping[Collection, Grant]]
    all_roles: tuple[str, ...] = ()
    all_users: tuple[UserId, ...] = ()
    defaults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _ready: OrderedDict[tuple[Identity, int], Access] = field(
        default_factory=OrderedDict, init=False, repr=False, compare=False
    )

    def access(self, identity: Identity, now_ms: int = 0) -> Access:
        """The rights of a person on this day (Unix milliseconds, UTC)."""
        key = (identity, now_ms // DAY_MS)
        found = self._ready.get(key)
        if found is None:
            found = self._ready[key] = self._access(identity, now_ms)
            while len(self._ready) > ACCESSES_MAX:
                self._ready.popitem(last=False)
        return found

    def is_unlimited(self, identity: Identity) -> bool:
        """Whether a person may everything."""
        return identity.role in self.all_roles or identity.user_id in self.all_users

    def _access(self, identity: Identity, now_ms: int) -> Access:
        known = frozenset(self.collections)
        if self.is_unlimited(identity):
            whole = {name: everything(name) for name in self.collections}
            writing = {name: _unlimited(each) for name, each in whole.items()}
            return Access(identity.role, known, whole, writing)
        user = person(identity)
        read: dict[Collection, Selection] = {}
        write: dict[Collection, Writing] = {}
        for name, grant in self.grants.get(identity.role, {}).items():
            own = _Maker(name, user, now_ms)
            if (readable := own.selection(grant.read)) is not None:
                read[name] = readable
            write[name] = own.writing(grant)
        return Access(identity.role, known, read, write)

    @cached_property
    def digest(self) -> str:
        """The same for rules that are the same."""
        return blake2b(canonical(self.to_json()).encode(), digest_size=16).hexdigest()

    def to_json(self) -> dict[str, Json]:
        """The rules as JSON."""
        return {
            "collections": list(self.collections),
            "grants": {
                role: {
                    name: {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(g).items()}
                    for name, g in grants.items()
                }
                for role, grants in self.grants.items()
            },
            "all_roles": list(self.all_roles),
            "all_users": list(self.all_users),
            "defaults": {role: list(texts) for role, texts in self.defaults.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rules:
        """What ``to_json`` wrote."""

        def grant(of: Mapping[str, Any]) -> Grant:
            values: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in of.items()
            }
            return Grant(**values)

        return cls(
            collections=tuple(data["collections"]),
            grants={
                role: {Collection(name): grant(each) for name, each in grants.items()}
                for role, grants in data["grants"].items()
            },
            all_roles=tuple(data["all_roles"]),
            all_users=tuple(data["all_users"]),
            defaults={role: tuple(texts) for role, texts in data.get("defaults", {}).items()},
        )


def _unlimited(whole: Selection) -> Writing:
    rule = Rule(whole)
    return Writing(rule, rule, rule, rule)


def person(identity: Identity) -> dict[str, Json]:
    """What ``$user.`` stands for."""
    values = {
        "user_id": identity.user_id,
        "role": identity.role,
        "store_id": identity.store_id,
        "store_code": identity.store_code,
        "login": identity.login,
        "name": identity.display_name,
    }
    return {name: value or None for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes what one person may in one collection."""

    collection: Collection
    user: Mapping[str, Json]
    now_ms: int

    def selection(self, condition: str) -> Selection | None:
        if condition == NEVER:
            return None
        return rule_of(self.collection, condition, self.user, self.now_ms)

    def rule(self, condition: str, words: str) -> Rule | None:
        selection = self.selection(condition)
        return None if selection is None else Rule(selection, self.told(words or condition))

    def writing(self, grant: Grant) -> Writing:
        return Writing(
            create=self.rule(grant.create, grant.words),
            changed_from=self.rule(grant.changed_from, grant.words),
            changed_to=self.rule(grant.changed_to, grant.words),
            delete=self.rule(grant.delete, grant.words),
            only=None if grant.only is None else _paths(grant.only),
            never=_paths(grant.never),
        )

    def told(self, words: str) -> str:
        """Words with the person's values in place of their names."""
        return _USER.sub(lambda name: str(self.user.get(name[1]) or "nothing"), words)


def _paths(names: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(name.split(".")) for name in names)
