"""Plans carried out over plain dicts."""

from __future__ import annotations

from typing import Any

import pytest

from sync.query.errors import ParameterInvalid, StatementError
from sync.query.explain import Meter, json_of
from sync.query.plan import Catalogue, Index, Plan
from sync.query.planner import plan_select
from sync.query.prepared import prepared
from sync.query.run import DictSource, Execution
from sync.query.syntax import Select

DATA: dict[str, dict[str, dict[str, Any]]] = {
    "c": {
        "1": {"_id": "1", "k": "a", "n": 3, "o": {"x": 1, "y": 2}},
        "2": {"_id": "2", "k": "b", "n": 1},
        "3": {"_id": "3", "k": "a", "n": 2, "list": [1]},
    },
    "d": {"a": {"_id": "a", "name": "Ada"}},
}
BY_N = Catalogue({"c": (Index("by_n", "c", ((("n",), False),)),)})


def run(text: str, catalogue: Catalogue | None = None, **args: Any) -> list[Any]:
    statement = prepared(text).statement
    assert isinstance(statement, Select)
    known = Catalogue() if catalogue is None else catalogue

    def plan_of(select: Select) -> Plan:
        return plan_select(select, known)

    return list(Execution(DictSource(DATA), args, plan_of).results(plan_of(statement)))


def test_without_an_order_documents_come_by_id() -> None:
    assert [each["_id"] for each in run("SELECT * FROM c WHERE n > 1 OR k = 'b'")] == [
        *("1", "2", "3")
    ]


def test_an_order_from_an_index_is_the_order() -> None:
    for end in ("n", "n DESC", "n DESC, k", "k, n DESC"):
        text = f"SELECT _id FROM c ORDER BY {end} LIMIT 2"
        assert run(text, BY_N) == run(text), end


def test_all_but_a_field() -> None:
    assert run("SELECT *, MISSING o.x, MISSING n FROM c LIMIT 1") == [
        {"_id": "1", "k": "a", "o": {"y": 2}}
    ]


def test_results_share_nothing_with_one_another() -> None:
    first, second = run("SELECT d.*, c.n FROM c JOIN d ON d._id = c.k")
    first["name"] = "changed"
    assert second["name"] == "Ada"
    found = run("SELECT list FROM c WHERE _id = '3'")
    found[0]["list"].append(2)
    assert DATA["c"]["3"]["list"] == [1]


def test_a_join_gives_one_object_an_alias_and_none_for_what_is_not_there() -> None:
    found = run("SELECT * FROM c LEFT JOIN d ON d._id = c.k WHERE c.n < 3")
    assert found == [
        {"c": DATA["c"]["2"]},
        {"c": DATA["c"]["3"], "d": {"_id": "a", "name": "Ada"}},
    ]


@pytest.mark.parametrize("end", ["LIMIT 'x'", "LIMIT 1.5", "LIMIT 1 OFFSET -1"])
def test_a_limit_is_a_whole_number(end: str) -> None:
    with pytest.raises(StatementError):
        run(f"SELECT * FROM c {end}")


def test_a_limit_from_outside_is_one_too() -> None:
    with pytest.raises(ParameterInvalid, match="LIMIT"):
        run("SELECT * FROM c LIMIT :n", n=-1)


def test_a_limit_stops_the_reading() -> None:
    seen = iter(range(1_000))
    meter = Meter(lambda: next(seen) * 1_000_000)
    statement = prepared("SELECT _id FROM c LIMIT 1").statement
    assert isinstance(statement, Select)
    plan = plan_select(statement, Catalogue())
    execution = Execution(
        DictSource(DATA), {}, lambda select: plan_select(select, Catalogue()), around=meter.around
    )
    assert list(execution.results(plan)) == [{"_id": "1"}]
    (projection,) = json_of(plan.root, meter)["inputs"]
    assert projection["inputs"][0]["rows"] == 1
    assert projection["ms"] > 0
