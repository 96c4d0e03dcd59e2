"""Putting a data set and its accounts into a hub: every document one birth, in bounded batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice

from app.domain.collections import COUNTER_FIELDS, SYNCED, Document
from app.domain.collections import STORES as STORES_COLLECTION
from datagen.generate import Progress
from datagen.people import Account as DemoAccount
from datagen.recipe import Recipe, mixed
from datagen.stores import STORES
from sync.hub import Account, Hub
from sync.ids import UserId

LOAD_DOCUMENTS_MAX = 2_000
"""Documents a transaction: far below a batch's cap, and enough to make commits cheap."""
TOLD_DOCUMENTS = 200
NOTE = "dataset"
"""The note of a hub's file that holds the recipe of its data."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load added. ``kept`` documents were there already and stayed as they were.
    ``database`` is the one of MongoDB it went to."""

    documents: int
    kept: int
    accounts: int
    database: str = ""


def load_hub(
    hub: Hub,
    documents: Iterable[tuple[str, Document]],
    accounts: Iterable[DemoAccount] = (),
    recipe: Recipe | None = None,
) -> Loaded:
    """Add documents and accounts to an open hub. What is there already is left alone, so a load
    that was interrupted can be run again, and a changed password stays changed.

    Raises `DomainError` (dataset_mixed) where the hub holds the data set of another recipe."""
    if recipe is not None:
        _claim(hub, recipe)
    hub.replica.declare_counters(COUNTER_FIELDS)
    added = kept = 0
    source = (pair for pair in documents if pair[0] in SYNCED)
    while chunk := list(islice(source, LOAD_DOCUMENTS_MAX)):
        with hub.replica.transaction() as tx:
            new = sum(tx.insert_new(name, group) for name, group in grouped(chunk).items())
        added += new
        kept += len(chunk) - new
    return Loaded(added, kept, _add_accounts(hub, accounts))


def _claim(hub: Hub, recipe: Recipe) -> None:
    """Note in the hub's file which data set it holds, before the first document comes."""
    there = hub.replica.note(NOTE)
    if there == asdict(recipe):
        return
    if there is not None or hub.replica.count(STORES_COLLECTION):
        raise mixed(there, "The hub's file")
    hub.replica.set_note(NOTE, asdict(recipe))


def grouped(documents: Iterable[tuple[str, Document]]) -> dict[str, list[Document]]:
    """The documents by collection."""
    groups: dict[str, list[Document]] = {}
    for collection, document in documents:
        groups.setdefault(collection, []).append(document)
    return groups


def _add_accounts(hub: Hub, accounts: Iterable[DemoAccount]) -> int:
    codes = {store.store_id: store.code for store in STORES}
    added = 0
    for demo in accounts:
        if hub.accounts.find(demo.login) is not None:
            continue
        account = Account(
            login=demo.login,
            user_id=UserId(demo.user_id),
            role=demo.role,
            store_id=demo.store_id or "",
            store_code=codes.get(demo.store_id or "", ""),
            display_name=demo.display_name,
        )
        hub.accounts.add(account, demo.password)
        added += 1
    return added


def told(
    documents: Iterable[tuple[str, Document]], counts: Mapping[str, int], progress: Progress
) -> Iterator[tuple[str, Document]]:
    """The same documents; ``progress`` hears how many of each collection have passed."""
    done = dict.fromkeys(counts, 0)
    for collection, document in documents:
        done[collection] += 1
        yield collection, document
        if done[collection] % TOLD_DOCUMENTS == 0 or done[collection] == counts[collection]:
            progress(collection, done[collection], counts[collection])
