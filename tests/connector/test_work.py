"""How much the file is asked for many events and many writes: a number for each, whatever the
machine. Each statement counts, also each row of those that are run for many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from sync.connector.events import Delivery, Description, Event, Updated
from sync.connector.ports import Write, WriteResult
from sync.core.stamps import hlc_of_ms
from tests.connector.bench import INVENTORY, Bench
from tests.helpers.clocks import NOON_MS

DOCUMENTS = 1_000
FEW = 40
"""For a delivery or a handful of writes as a whole."""


@pytest.fixture
def bench() -> Bench:
    """A hub that has read a thousand shelves."""
    bench = Bench(INVENTORY)
    shelf = {"stock_level": 50, "notes": "as delivered", "last_counted": "2024-12-01T09:00:00Z"}
    bench.read("inventory", [{"_id": f"inv_{n}", **shelf} for n in range(DOCUMENTS)])
    return bench


def updates(second: int, told: Callable[[int], Description]) -> list[Event]:
    """An update of every document, all within a second."""
    time = hlc_of_ms(NOON_MS + second * 1_000)
    return [
        Updated("inventory", time + n, f"{time + n}", None, f"inv_{n}", told(n), None)
        for n in range(DOCUMENTS)
    ]


def statements(bench: Bench, work: Callable[[], object]) -> int:
    """How many statements a step runs."""
    ran: list[str] = []
    connection = bench.hub.parts.database._connection
    connection.set_trace_callback(ran.append)
    try:
        work()
    finally:
        connection.set_trace_callback(None)
    return len(ran)


def taken(bench: Bench, events: Iterable[Event]) -> int:
    held = tuple(events)
    return statements(bench, lambda: bench.engine.take("", Delivery(held, held[-1].token)))


def test_an_event_writes_its_document_and_its_shadow_and_looks_nothing_up_alone(
    bench: Bench,
) -> None:
    assert taken(bench, updates(1, lambda n: Description({"notes": f"{n}"}))) < 2 * DOCUMENTS + FEW
    counts = updates(2, lambda n: Description({"stock_level": 40}))
    assert taken(bench, counts) < 2 * DOCUMENTS + FEW
    assert bench.get("inventory", "inv_7") == {
        **{"stock_level": 40, "notes": "7", "last_counted": "2024-12-01T09:00:00Z"}
    }


def test_a_document_that_waits_for_a_person_makes_the_others_no_dearer(bench: Bench) -> None:
    bench.engine.take("", Delivery((), "1"))
    with bench.hub.parts.database.transaction():
        bench.engine._letters.park(("inventory", "odd"), "sodd", "in", "refused", "because", 1)
    assert taken(bench, updates(1, lambda n: Description({"notes": f"{n}"}))) < 2 * DOCUMENTS + FEW


def test_a_write_is_its_intent_and_a_mark_and_its_echo_their_end(bench: Bench) -> None:
    with bench.hub.transaction() as tx:
        for n in range(DOCUMENTS):
            tx.increment("inventory", f"inv_{n}", ("stock_level",), -1)
    handed: list[Write] = []
    assert statements(bench, lambda: handed.extend(bench.engine.writes(DOCUMENTS))) < (
        2 * DOCUMENTS + FEW
    )
    results = [WriteResult(write.number, "applied") for write in handed]
    assert statements(bench, lambda: bench.engine.answered(results)) < DOCUMENTS + FEW
    by_id = {write.doc_id: write for write in handed}
    echoes = updates(1, lambda n: Description({"stock_level": 49, **by_id[f"inv_{n}"].set}))
    assert taken(bench, echoes) < 2 * DOCUMENTS + FEW
    assert not bench.engine.under_way and bench.get("inventory", "inv_3")["stock_level"] == 49


def test_what_is_over_is_forgotten(bench: Bench) -> None:
    def kept() -> int:
        held = (
            value for part in (bench.engine, bench.engine._intents) for value in vars(part).values()
        )
        return sum(len(each) for each in held if isinstance(each, dict | list | set))

    before = kept()
    with bench.hub.transaction() as tx:
        for n in range(DOCUMENTS):
            tx.increment("inventory", f"inv_{n}", ("stock_level",), -1)
    writes = bench.engine.writes(DOCUMENTS)
    bench.engine.answered([WriteResult(write.number, "applied") for write in writes])
    by_id = {write.doc_id: write for write in writes}
    echoes = updates(1, lambda n: Description({"stock_level": 49, **by_id[f"inv_{n}"].set}))
    taken(bench, echoes)
    assert not bench.engine.under_way and kept() == before


def test_a_look_at_how_it_is_reads_no_documents(bench: Bench) -> None:
    plans = bench.hub.parts.database.query(
        "EXPLAIN QUERY PLAN SELECT count(*) FROM mongo_documents WHERE due"
    )
    assert "mongo_documents_due" in plans[0][-1]
    asked: list[str] = []
    connection = bench.hub.parts.database._connection
    connection.set_trace_callback(asked.append)
    bench.engine.status()
    connection.set_trace_callback(None)
    assert not any("body" in each for each in asked)
