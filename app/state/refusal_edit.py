"""Editing a refused change: its fields as a form, then the change written again (S3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import flet as ft

from app.domain.collections import STORES
from app.domain.errors import DomainError
from app.domain.fields import Kind, named, rank, read, text_of
from app.state.notices import Outcome
from app.state.refusals import document_name, held
from app.state.words import many
from app.state.workspace import Workspace

FIELDS_MAX: Final = 60
"""An order of many lines is rather given up and entered again than edited field by field."""
_HOUSEKEEPING: Final = frozenset({"created_at", "updated_at", "last_updated", "label_code"})


@dataclass(frozen=True, slots=True)
class EditField:
    """One field of a refused change, as the form shows it."""

    key: str
    collection: str
    doc_id: str
    path: tuple[str, ...]
    label: str
    kind: Kind
    was: str


@dataclass(frozen=True, slots=True)
class EditGroup:
    """The fields of one document."""

    name: str
    fields: tuple[EditField, ...]


@ft.observable
@dataclass
class RefusalEdit:
    """What is typed so far (``texts``), and what is wrong with it (``troubles``), by key."""

    workspace: Workspace
    number: int
    groups: tuple[EditGroup, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)
    hidden: int = 0
    """Fields there was no room for; they are sent as they are."""

    def __post_init__(self) -> None:
        refused = held(self.workspace, self.number)
        room, groups = FIELDS_MAX, []
        for collection, doc_id, changes in refused.changes if refused else []:
            found = sorted(self._fields(collection, doc_id, changes), key=_order)
            if found[:room]:
                name = document_name(self.workspace, collection, doc_id, changes)
                groups.append(EditGroup(name, tuple(found[:room])))
            self.hidden += len(found[room:])
            room = max(0, room - len(found))
        self.groups = tuple(groups)
        self.texts = {each.key: each.was for each in self.fields}

    @property
    def fields(self) -> tuple[EditField, ...]:
        """Every field of the form."""
        return tuple(each for group in self.groups for each in group.fields)

    def type(self, key: str, text: str) -> None:
        """Take over what stands in a field; what was wrong with it is forgotten."""
        self.texts = {**self.texts, key: text}
        if key in self.troubles:
            self.troubles = {name: said for name, said in self.troubles.items() if name != key}

    def send(self) -> Outcome | None:
        """Write the change again with what was edited; None while a field is wrong."""
        edits: dict[tuple[str, str], dict[str, Any]] = {}
        troubles: dict[str, str] = {}
        changed = [each for each in self.fields if self.texts[each.key] != each.was]
        for each in changed:
            try:
                value = self._read(each)
            except DomainError as error:
                troubles[each.key] = f"{error.message} {error.remedy}"
                continue
            _put(edits.setdefault((each.collection, each.doc_id), {}), each.path, value)
        self.troubles = troubles
        if troubles:
            return None
        author = self.workspace.profile.user_id
        self.workspace.replica.resend(self.number, edits=edits, author=author)
        self.workspace.sync.refresh()
        told = f"{many(len(changed), 'field')} changed. " if changed else ""
        return Outcome(f"{told}The change goes out again.")

    def _read(self, each: EditField) -> Any:
        text = self.texts[each.key]
        return (
            self._store_id(text) if each.kind is Kind.STORE else read(each.label, each.kind, text)
        )

    def _store_id(self, name: str) -> str:
        """The store a person named. Raises `DomainError` (field_invalid)."""
        stores = {
            self.workspace.store_called(str(each["_id"])): str(each["_id"])
            for each in self.workspace.replica.find(STORES)
        }
        for known, store_id in stores.items():
            if name.strip().casefold() in (known.casefold(), store_id):
                return store_id
        raise DomainError(
            "field_invalid", f"There is no store called {name!r}.", f"Use {', '.join(stores)}."
        )

    def _fields(
        self, collection: str, doc_id: str, fields: dict[str, Any], inside: tuple[str, ...] = ()
    ) -> Iterator[EditField]:
        """The fields of one document that a person decides about; maps are opened."""
        for name, value in fields.items():
            path = (*inside, *name.split(".")) if not inside else (*inside, name)
            if name in _HOUSEKEEPING or value is None:
                continue
            if isinstance(value, dict):
                yield from self._fields(collection, doc_id, value, path)
                continue
            what = named(".".join(path), value)
            if what.kind is Kind.FIXED or _is_own_id(collection, path):
                continue
            yield EditField(
                key=f"{collection}/{doc_id}/{'.'.join(path)}",
                collection=collection,
                doc_id=doc_id,
                path=path,
                label=what.label,
                kind=what.kind,
                was=self._shown(what.kind, value),
            )

    def _shown(self, kind: Kind, value: Any) -> str:
        return self.workspace.store_called(value) if kind is Kind.STORE else text_of(kind, value)


def _order(each: EditField) -> int:
    return rank(".".join(each.path))


def _is_own_id(collection: str, path: tuple[str, ...]) -> bool:
    """Whether a field repeats the id of its document, such as `order_id` of an order."""
    return path == (f"{collection.removesuffix('s')}_id",)


def _put(fields: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        fields = fields.setdefault(step, {})
    fields[path[-1]] = value
