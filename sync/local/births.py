"""New documents of one transaction, kept as the text they travel and are stored as.

A draft takes a document apart into ops, which only changes need. Loading a data set writes births
alone, and most of its time would go there.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Sequence

from sync.core.batch import Birth
from sync.core.decode import COLLECTION_PATTERN
from sync.core.values import canonical, check_id, check_size, check_value
from sync.errors import InvalidValue
from sync.ids import Collection, DocId, Document
from sync.local.documents import Documents

Name = tuple[str, str]
"""Collection and id."""


class Births:
    """The births of one transaction; ``leaves`` counts what they hold, as C7 counts it."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._born: dict[Name, tuple[Birth, int]] = {}
        self.leaves = 0

    def add(self, collection: str, documents: Sequence[Document], drafted: Container[Name]) -> int:
        """Take the documents that nobody knows here; how many those were. ``drafted`` documents
        are known to the transaction already."""
        if not COLLECTION_PATTERN.fullmatch(collection):
            raise InvalidValue(f"{collection!r:.60} cannot name a collection.")
        ids = [document.get("_id") for document in documents]
        for doc_id in ids:
            check_id(doc_id)
        held = self._documents.rows(collection, [str(doc_id) for doc_id in ids])
        before = len(self._born)
        for document in documents:
            name = collection, document["_id"]
            if name[1] not in held and name not in drafted and name not in self._born:
                self._keep(name, document)
        return len(self._born) - before

    def take(self, name: Name) -> Document | None:
        """The fields of one birth, which is a draft from now on."""
        birth, leaves = self._born.pop(name, (None, 0))
        self.leaves -= leaves
        return None if birth is None else json.loads(birth.body)

    def names(self) -> list[Name]:
        """Collection and id of every birth."""
        return list(self._born)

    def __iter__(self) -> Iterator[Birth]:
        return (birth for birth, _ in self._born.values())

    def _keep(self, name: Name, document: Document) -> None:
        fields = {**document}
        del fields["_id"]
        check_value(fields)
        body = canonical(fields)
        check_size(body)
        leaves = _leaves(fields)
        self._born[name] = Birth(Collection(name[0]), DocId(name[1]), body), leaves
        self.leaves += leaves


def _leaves(fields: Document) -> int:
    """How many leaves a map has, its ∅ among them."""
    inner = (_leaves(value) - 1 for value in fields.values() if isinstance(value, dict))
    return 1 + len(fields) + sum(inner)
