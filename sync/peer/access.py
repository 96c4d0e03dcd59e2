"""The rights of one person: what they may hold, and the judgement of single writes (S3). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from sync.errors import OutOfScope, PermissionDenied
from sync.ids import Collection, Document
from sync.query.nodes import Path
from sync.query.related import UNRELATED, Related
from sync.query.selection import Selection

Kind = Literal["create", "change", "delete"]

_VERBS: Final[dict[Kind, str]] = {"create": "add", "change": "change", "delete": "remove"}


@dataclass(frozen=True, slots=True)
class Write:
    """What a batch does to one document: its fields before and after, a delete ignored (S3), with
    ``_id``; None: there are none. ``touched`` are the fields that are written or change."""

    kind: Kind
    collection: Collection
    before: Document | None
    after: Document | None
    touched: frozenset[Path] = frozenset()


class States(Protocol):
    """What SELECTs within rules yield before a batch, and after all of it."""

    @property
    def before(self) -> Related:
        """The state before."""
        ...

    @property
    def after(self) -> Related:
        """The state after."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of writing, and the same in words for the person."""

    selection: Selection
    words: str = "it is allowed"


@dataclass(frozen=True, slots=True)
class Writing:
    """What a person may write in one collection; None: not at all. Of a changed document only the
    fields ``only`` may change, if they are given, and those in ``never`` may not."""

    create: Rule | None
    changed_from: Rule | None
    changed_to: Rule | None
    delete: Rule | None
    only: frozenset[Path] | None = None
    never: frozenset[Path] = frozenset()

    def may(self, kind: Kind) -> bool:
        """Whether there is any document for which they may."""
        return (self.delete if kind == "delete" else self.rules(kind)[1]) is not None

    def rules(self, kind: Kind) -> tuple[Rule | None, Rule | None]:
        """By what a document is judged as it was, and as it would be."""
        if kind == "change":
            return self.changed_from, self.changed_to
        return (self.create, self.create) if kind == "create" else (self.delete, None)

    def forbidden(self, touched: frozenset[Path]) -> str | None:
        """The first of these fields that they may not change."""
        if self.only is None and not self.never:
            return None
        for path in sorted(touched):
            allowed = self.only is None or any(_covers(each, path) for each in self.only)
            if not allowed or any(_covers(e, path) or _covers(path, e) for e in self.never):
                return ".".join(path)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """The rights of one person: per collection what they may hold and write.

    A collection without an entry is closed. ``collections`` are all that there are.
    """

    role: str
    collections: frozenset[Collection]
    read: Mapping[Collection, Selection]
    write: Mapping[Collection, Writing]

    def may_read(self, document: Document, collection: str, related: Related = UNRELATED) -> bool:
        """Whether the person may hold this document."""
        rule = self.read.get(Collection(collection))
        return rule is not None and rule.selects(document, related)

    def judge_write(self, write: Write, states: States | None = None) -> None:
        """Raise ``PermissionDenied`` or ``OutOfScope`` unless the write is allowed.

        What was and what would be are both judged, so nobody takes a document over from another
        store or gives one away. ``states`` are needed where a rule has a SELECT within it."""
        name = write.collection
        if name not in self.collections:
            raise PermissionDenied(f"There is no collection {name!r:.60} to write to.")
        rights = self.write.get(name)
        if rights is None or not rights.may(write.kind):
            if rights is None or not any(rights.may(kind) for kind in _VERBS):
                raise PermissionDenied(f"A {self.role} may read {name}, but not write any.")
            verbs = " and ".join(_VERBS[kind] for kind in _VERBS if rights.may(kind))
            raise PermissionDenied(
                f"A {self.role} may {verbs} {name}, but not {_VERBS[write.kind]} any."
            )
        if write.kind == "change" and (field := rights.forbidden(write.touched)) is not None:
            raise PermissionDenied(f"A {self.role} may not change the field {field} of {name}.")
        was, would_be = rights.rules(write.kind)
        for rule, document, moment in (
            (was, write.before, "was"),
            (would_be, write.after, "would be"),
        ):
            if rule is None or document is None:
                continue
            related = UNRELATED
            if states is not None and rule.selection.probes:
                related = states.before if moment == "was" else states.after
            if not rule.selection.selects(document, related):
                raise OutOfScope(
                    f"A {self.role} may {_VERBS[write.kind]} {name} only where {rule.words}, "
                    f"and this document {moment} elsewhere."
                )


def _covers(path: Path, other: Path) -> bool:
    """Whether a field is the other one or holds it."""
    return other[: len(path)] == path
