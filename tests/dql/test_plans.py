"""A plan as a drawn tree."""

from __future__ import annotations

from app.dql.plans import plan_lines

PLAN = {
    "node": "projection",
    "columns": "*",
    "inputs": [
        {
            "node": "nlJoin",
            "kind": "inner",
            "on": "a = b",
            "inputs": [
                {"node": "filter", "inputs": [{"node": "scan", "collection": "orders"}]},
                {"node": "fetch"},
            ],
        }
    ],
}


def test_each_node_hangs_on_the_one_that_reads_it() -> None:
    assert [f"{line.stem}{line.node} {line.details}".rstrip() for line in plan_lines(PLAN)] == [
        "projection columns *",
        "└─ nlJoin kind inner · on a = b",
        "   ├─ filter",
        "   │  └─ scan collection orders",
        "   └─ fetch",
    ]


def test_what_was_measured_stands_apart() -> None:
    (line,) = plan_lines({"node": "scan", "collection": "orders", "rows": 1_200, "ms": 3.5})
    assert (line.details, line.measured) == ("collection orders", "1,200 rows, 3.5 ms")
