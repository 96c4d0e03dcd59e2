"""The form of the permission file, and what it makes of itself: rules as plain data.

collections:
  inventory:
    - roles: [worker]
      read: store_id = $user.store_id
      update: {where: store_id = $user.store_id, never: [product_id]}
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints

from sync.hub.collections import COLLECTIONS
from sync.ids import Collection, UserId
from sync.peer.rules import ALWAYS, NEVER, Grant, Rules

CONDITION_CHARS_MAX = 2_000
"""A condition is judged for every document that is sent or written."""


def _condition(value: Any) -> Any:
    """``true`` and ``false`` are conditions as well."""
    if isinstance(value, bool):
        return ALWAYS if value else NEVER
    if not isinstance(value, str):
        raise ValueError("A condition is true, false, or text such as store_id = $user.store_id")
    return value.strip()


Condition: TypeAlias = Annotated[
    str,
    BeforeValidator(_condition),
    StringConstraints(min_length=1, max_length=CONDITION_CHARS_MAX),
]
Name: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UpdateEntry(_Model):
    """A change: ``where`` holds before and after, ``before`` and ``after`` there alone; fields."""

    where: Condition = ALWAYS
    before: Condition = ALWAYS
    after: Condition = ALWAYS
    fields: tuple[Name, ...] | None = None
    never: tuple[Name, ...] = ()


def _update(value: Any) -> Any:
    return value if isinstance(value, dict) else {"where": value}


class GrantEntry(_Model):
    """What some roles may in one collection. ``write`` is create, update and delete at once, where
    they are not said themselves."""

    roles: Annotated[tuple[Name, ...], Field(min_length=1)]
    read: Condition = NEVER
    write: Condition = NEVER
    create: Condition | None = None
    update: Annotated[UpdateEntry, BeforeValidator(_update)] | None = None
    delete: Condition | None = None
    words: Annotated[str, StringConstraints(max_length=200)] = ""

    def grant(self) -> Grant:
        """The same as plain data."""
        update = self.update or UpdateEntry(where=self.write)
        return Grant(
            read=self.read,
            create=self.write if self.create is None else self.create,
            changed_from=_both(update.where, update.before),
            changed_to=_both(update.where, update.after),
            delete=self.write if self.delete is None else self.delete,
            only=update.fields,
            never=update.never,
            words=self.words,
        )


class Everything(_Model):
    """Who may everything."""

    roles: tuple[Name, ...] = ()
    users: tuple[Name, ...] = ()


class PermissionFile(_Model):
    """The whole file. ``fields`` are names of fields beyond those that are known anyway; ``force``
    takes rules that lock people out. ``defaults`` are what a device of each role asks for if it
    asks for nothing: subscriptions."""

    everything: Everything = Everything()
    collections: dict[str, tuple[GrantEntry, ...]]
    fields: dict[str, tuple[Name, ...]] = {}
    force: StrictBool = False
    defaults: dict[str, tuple[Condition, ...]] = {}

    def rules(self) -> Rules:
        """The rules of a checked file."""
        grants: dict[str, dict[Collection, Grant]] = {}
        for name, entries in self.collections.items():
            for entry in entries:
                for role in entry.roles:
                    grants.setdefault(role, {})[Collection(name)] = entry.grant()
        return Rules(
            collections=tuple(Collection(name) for name in COLLECTIONS),
            grants=grants,
            all_roles=self.everything.roles,
            all_users=tuple(UserId(each) for each in self.everything.users),
            defaults=self.defaults,
        )


def _both(one: str, other: str) -> str:
    if NEVER in (one, other):
        return NEVER
    parts = [each for each in (one, other) if each != ALWAYS]
    return " AND ".join(f"({each})" for each in parts) if len(parts) > 1 else (parts or [ALWAYS])[0]
