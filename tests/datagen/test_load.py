from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from app.domain.collections import SYNCED, Document
from datagen import load
from datagen.generate import generate
from datagen.load import load_hub, told
from datagen.people import DEMO_ACCOUNTS
from datagen.presets import Preset
from sync.core.state import is_increment
from sync.hub import Hub
from tests.web.doubles import ManualClock, SeededEntropy

TINY = Preset("tiny", customers=20, orders=30, recent_share=0.1)


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub.open(":memory:", clock=ManualClock(), entropy=SeededEntropy())
    yield hub
    hub.close()


def documents() -> Iterator[tuple[str, Document]]:
    made = generate(TINY, seed=3, as_of="2026-11-20T18:00:00Z")
    return (pair for pair in made if pair[0] in SYNCED)


def test_every_document_arrives_as_it_is(hub: Hub) -> None:
    wanted = list(documents())
    loaded = load_hub(hub, iter(wanted))
    assert (loaded.documents, loaded.kept, loaded.accounts) == (len(wanted), 0, 0)
    for collection, document in wanted:
        assert hub.replica.get(collection, document["_id"]) == document


def test_stock_in_a_loaded_hub_is_counted(hub: Hub) -> None:
    load_hub(hub, [("inventory", {"_id": "inv_1", "stock_level": 8})])
    result = hub.replica.execute("UPDATE inventory SET stock_level = stock_level - 3")
    assert any("stock_level" in note for note in result.notes)
    documents = hub.replica.parts.documents
    state, shown = documents.state(documents.rows("inventory", ["inv_1"])["inv_1"])
    assert shown == {"stock_level": 5}
    assert any(is_increment(key) for key in state)


def test_transactions_are_bounded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "LOAD_DOCUMENTS_MAX", 100)
    before = hub.status()["seq"]
    load_hub(hub, islice(documents(), 250))
    assert hub.status()["seq"] - before == 3


def test_a_load_cut_short_is_finished_by_the_next(hub: Hub) -> None:
    load_hub(hub, islice(documents(), 100))
    with hub.replica.transaction() as tx:
        tx.update("stores", "store_seattle", {"store_name": "Changed since"})
    total = sum(1 for _ in documents())
    loaded = load_hub(hub, documents())
    assert (loaded.documents, loaded.kept) == (total - 100, 100)
    store = hub.replica.get("stores", "store_seattle")
    assert store is not None
    assert store["store_name"] == "Changed since"


def test_the_demo_accounts_can_sign_in(hub: Hub) -> None:
    few = [each for each in DEMO_ACCOUNTS if each.login in ("ana", "root")]
    assert load_hub(hub, documents(), few).accounts == 2
    ana = hub.sign_in("ana", few[0].password, "a" * 32, "Handheld")
    assert ana["user"]["store_code"] == "SEA"
    assert ana["user"]["role"] == "worker"
    root = hub.sign_in("root", few[1].password, "b" * 32, "Desk")
    assert (root["user"]["store_id"], root["user"]["role"]) == ("", "super")
    assert load_hub(hub, (), few).accounts == 0


def test_progress_hears_every_collection_to_its_end() -> None:
    counts: dict[str, int] = {}
    for collection, _ in documents():
        counts[collection] = counts.get(collection, 0) + 1
    heard: dict[str, tuple[int, int]] = {}

    def progress(collection: str, done: int, total: int) -> None:
        heard[collection] = (done, total)

    assert sum(1 for _ in told(documents(), counts, progress)) == sum(counts.values())
    assert heard == {name: (count, count) for name, count in counts.items()}
