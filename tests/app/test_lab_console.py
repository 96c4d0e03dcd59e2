"""The console without a page: what a statement answers, does, or has wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from app.dql.rows import ROWS_MAX
from app.scenario import Cast
from app.state.lab_console import Console
from app.state.lab_examples import examples
from sync.local import Replica
from tests.app.conftest import AtOnce
from tests.app.lab_shop import PRODUCTS, STORE, lab_documents
from tests.helpers.flet_device import StillClock, replica_with

STOCK = "SELECT _id, stock_level FROM inventory WHERE product_id = 'prod_1'"
SELL = "UPDATE inventory APPLY stock_level INCREMENT BY -1 WHERE product_id = 'prod_1'"


@dataclass
class Bench:
    """A replica, its console, and what the lab's log heard."""

    replica: Replica
    wake: AtOnce = field(default_factory=AtOnce)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.console = Console(lambda: self.replica, self.wake, self.log.append)

    async def run(self, text: str) -> Console:
        self.console.draft.put(text)
        await self.console.run()
        return self.console


@pytest.fixture
def bench() -> Iterator[Bench]:
    replica = replica_with(lab_documents(), StillClock())
    replica.declare_counters({"inventory": {("stock_level",)}})
    bench = Bench(replica)
    yield bench
    bench.console.close()
    replica.close()


def cells(console: Console) -> list[list[str]]:
    assert console.shown is not None
    return [[cell.strip() for cell in row.cells] for row in console.shown.rows.rows]


async def test_a_select_answers_in_a_table_and_is_live(bench: Bench) -> None:
    console = await bench.run(STOCK)
    assert cells(console) == [["inv_1", "40"]]
    assert console.shown and console.shown.live
    assert console.told is None


async def test_a_commit_changes_the_rows_and_marks_them_for_a_moment(bench: Bench) -> None:
    console = await bench.run(STOCK)
    with bench.replica.transaction() as tx:
        tx.increment("inventory", "inv_1", ("stock_level",), -3)
    assert console.shown is not None
    assert cells(console) == [["inv_1", "37"]]
    assert [(row.mark, set(row.changed)) for row in console.shown.rows.rows] == [("changed", {1})]
    assert console.shown.news == "1 changed"
    for seen in bench.wake.waiting:
        seen()
    assert not console.shown.rows.marks
    assert console.shown.news == ""


async def test_rows_come_and_go(bench: Bench) -> None:
    console = await bench.run("SELECT _id FROM inventory WHERE stock_level > 40")
    assert cells(console) == []
    with bench.replica.transaction() as tx:
        tx.increment("inventory", "inv_2", ("stock_level",), 5)
    assert console.shown and console.shown.rows.marks == {"new": 1}
    with bench.replica.transaction() as tx:
        tx.increment("inventory", "inv_2", ("stock_level",), -5)
    assert (cells(console), console.shown.news) == ([], "1 gone")


async def test_a_change_tells_what_it_did_and_the_rows_stay_live(bench: Bench) -> None:
    await bench.run(STOCK)
    console = await bench.run(SELL)
    assert console.told is not None
    assert console.told.head.startswith("1 document changed, commit ")
    assert console.told.ids == ("inv_1",)
    assert bench.log == [f"DQL: {console.told.head}"]
    assert cells(console) == [["inv_1", "39"]]
    assert console.shown and console.shown.statement == STOCK


async def test_what_a_counter_does_with_set_is_remarked(bench: Bench) -> None:
    console = await bench.run("UPDATE inventory SET stock_level = stock_level - 2 WHERE true")
    assert console.told is not None
    assert any("count" in note for note in console.told.notes)
    assert len(console.told.ids) == len(PRODUCTS)


async def test_a_wrong_statement_shows_the_place_and_what_to_do(bench: Bench) -> None:
    await bench.run(STOCK)
    console = await bench.run("SELECT _id FRM inventory")
    assert console.told is not None
    assert console.told.code == "dql_syntax"
    assert "FROM" in console.told.head
    statement, underline = console.told.marked.splitlines()
    assert statement[underline.index("^") :].startswith("FRM inventory")
    assert console.told.remedy
    assert cells(console) == [["inv_1", "40"]], "what is followed goes on"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT * FROM inventry", "dql_unknown_collection"),
        ("SELECT * FROM inventory LIMIT :n", "dql_parameter_invalid"),
    ],
)
async def test_errors_that_come_later_are_told_alike(bench: Bench, text: str, code: str) -> None:
    console = await bench.run(text)
    assert console.told and console.told.code == code


async def test_a_plan_is_a_tree(bench: Bench) -> None:
    console = await bench.run(f"EXPLAIN {STOCK}")
    assert console.told is not None
    assert [line.node for line in console.told.plan][:2] == ["projection", "filter"]
    assert console.shown is None


async def test_a_collection_of_the_system_answers_once(bench: Bench) -> None:
    console = await bench.run("SELECT * FROM system:collections")
    assert console.shown is not None
    assert not console.shown.live
    assert console.shown.news.startswith("Not live: ")


async def test_parameters_have_values(bench: Bench) -> None:
    bench.console.draft.put("SELECT _id FROM inventory WHERE product_id = :p", {"p": "prod_2"})
    await bench.console.run()
    assert cells(bench.console) == [["inv_2"]]


async def test_all_rows_are_copied_though_only_the_first_are_shown(bench: Bench) -> None:
    with bench.replica.transaction() as tx:
        for number in range(ROWS_MAX + 1):
            tx.insert("notes", {"_id": f"n_{number:03}", "n": number})
    console = await bench.run("SELECT _id, n FROM notes")
    assert console.shown is not None
    assert (len(console.shown.rows.rows), console.shown.rows.total) == (ROWS_MAX, ROWS_MAX + 1)
    assert json.loads(console.as_json())[-1] == {"_id": f"n_{ROWS_MAX:03}", "n": ROWS_MAX}


async def test_put_away_it_follows_nothing(bench: Bench) -> None:
    console = await bench.run(STOCK)
    console.clear()
    await bench.run(SELL)
    assert console.shown is None


async def test_a_closed_console_keeps_what_it_showed(bench: Bench) -> None:
    console = await bench.run(STOCK)
    console.close()
    await bench.run(SELL)
    assert console.shown and not console.shown.live
    assert cells(console) == [["inv_1", "40"]]


async def test_every_example_runs(bench: Bench) -> None:
    with bench.replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1", "status": "placed", "total": 12.5})
    cast = Cast(STORE, "prod_1", "inv_1", ("prod_2", "prod_3"), "inv_2", "cust_sam")
    for each in examples(cast):
        bench.console.draft.put(each.statement, each.values)
        await bench.console.run()
        told = bench.console.told
        assert told is None or not told.code, (each.label, told)
