"""Which way a SELECT goes to its documents, and what it says about that."""

from __future__ import annotations

import pytest

from sync.query.access import statement_of
from sync.query.errors import IndexMissing, JoinNeedsIndex
from sync.query.explain import tree_text
from sync.query.nodes import Path
from sync.query.plan import Catalogue, Index, Plan
from sync.query.planner import plan_select
from sync.query.prepared import prepared
from sync.query.syntax import Select


def index(name: str, *paths: Path) -> Index:
    return Index(name, "c", tuple((path, False) for path in paths))


BY_A = index("by_a", ("a",))
BY_B = index("by_b", ("b",))
BY_AB = index("by_ab", ("a",), ("b",))
BY_DEEP = index("by_deep", ("o", "x"))


def planned(text: str, *indexes: Index, unsettled: frozenset[str] = frozenset()) -> Plan:
    statement = prepared(text).statement
    assert isinstance(statement, Select)
    return plan_select(statement, Catalogue({"c": indexes}, unsettled))


def access(text: str, *indexes: Index) -> str:
    """The innermost node, in words."""
    return tree_text(planned(f"SELECT * FROM c {text}", *indexes).root).splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "scan collection c"),
        ("WHERE _id = 'x' AND a = 1", "idScan collection c where _id = 'x'"),
        ("WHERE _id IN ('x', 'y')", "idScan collection c where _id IN ['x', 'y']"),
        ("USE IDS 'x', 'y' WHERE a = 1", "idScan collection c where _id IN ['x', 'y']"),
        ("WHERE a = 1", "indexScan collection c index by_a (a) where a = 1"),
        ("WHERE 1 = a", "indexScan collection c index by_a (a) where a = 1"),
        ("WHERE 5 > a", "indexScan collection c index by_a (a) where a < 5"),
        ("WHERE a LIKE 'p%'", "indexScan collection c index by_a (a) where a LIKE 'p%'"),
        ("WHERE o.x >= 2 AND o.x < 9", "where o.x >= 2 AND o.x < 9"),
        ("WHERE a != 1", "scan collection c"),
        ("WHERE abs(a) = 1", "scan collection c"),
        ("WHERE a = b", "scan collection c"),
        ("WHERE NOT (a = 1)", "scan collection c"),
        ("WHERE a = 1 OR n = 2", "scan collection c"),
        ("ORDER BY a LIMIT 5", "indexScan collection c index by_a (a) order a"),
        ("ORDER BY a", "scan collection c"),
        ("USE INDEX '' WHERE a = 1", "scan collection c"),
    ],
)
def test_the_way_to_the_documents(text: str, wanted: str) -> None:
    assert access(text, BY_A, BY_DEEP).endswith(wanted)


def test_an_or_of_indexed_branches_is_a_union() -> None:
    text = "SELECT * FROM c WHERE (a = 1 OR b > 2 OR _id = 'x') AND n = 3"
    lines = tree_text(planned(text, BY_A, BY_B).root).splitlines()
    assert [line.split()[0] for line in lines] == [
        *("projection", "filter", "unionScan"),
        *("fetch", "indexScan", "fetch", "indexScan", "fetch", "idScan"),
    ]


def test_more_equal_fields_beat_fewer_and_it_says_so() -> None:
    plan = planned("SELECT * FROM c WHERE b = 2 AND a = 1", BY_A, BY_AB, BY_B, BY_DEEP)
    assert plan.reasons == (
        "by_a (a) is not used: by_ab answers more.",
        "by_ab (a, b) is used: it finds a, b.",
        "by_b (b) is not used: by_ab answers more.",
        "by_deep (o.x) is not used: no condition on o.x that an index can answer.",
    )


def test_equality_then_order_needs_no_sort_of_everything() -> None:
    text = "SELECT * FROM c WHERE a = 1 ORDER BY b DESC, n LIMIT 5"
    shown = tree_text(planned(text, BY_AB).root)
    assert "order b DESC" in shown
    assert "given c.b DESC" in shown


def test_a_list_on_the_first_field_gives_no_order_by_the_second() -> None:
    text = "SELECT * FROM c WHERE a IN :xs ORDER BY b LIMIT 5"
    assert "given" not in tree_text(planned(text, BY_AB).root)


def test_a_count_of_everything_reads_no_document() -> None:
    assert "countScan" in tree_text(planned("SELECT COUNT(*) AS n FROM c").root)
    assert "countScan" not in tree_text(planned("SELECT COUNT(*) FROM c WHERE a = 1").root)


def test_what_a_transaction_wrote_is_neither_counted_nor_ordered_by_an_index() -> None:
    own = frozenset({"c"})
    assert "countScan" not in tree_text(planned("SELECT COUNT(*) FROM c", unsettled=own).root)
    text = "SELECT * FROM c ORDER BY a LIMIT 1"
    assert "indexScan" not in tree_text(planned(text, BY_A, unsettled=own).root)


def test_a_join_looks_the_inner_side_up() -> None:
    shown = tree_text(planned("SELECT * FROM d JOIN c ON c.a = d.k AND d.n = 1", BY_A).root)
    assert "indexScan collection c index by_a (a) where a = d.k" in shown


def test_a_join_that_would_scan_is_refused_with_the_index_it_needs() -> None:
    with pytest.raises(JoinNeedsIndex, match="CREATE INDEX by_b ON c"):
        planned("SELECT * FROM d JOIN c ON c.b = d.k", BY_A)
    assert planned("SELECT * FROM d JOIN c USE INDEX '' ON c.b = d.k", BY_A)


def test_what_only_needs_the_outer_side_is_judged_before_the_join() -> None:
    text = "SELECT * FROM d JOIN c ON c.a = d.k WHERE d.n = 1 AND c.n = 2"
    lines = tree_text(planned(text, BY_A).root).splitlines()
    assert "filter condition c.n = 2" in lines[1]
    assert "filter condition d.n = 1" in lines[3]


def test_a_right_join_is_a_left_join_the_other_way_round() -> None:
    shown = tree_text(planned("SELECT * FROM c RIGHT JOIN d ON c._id = d.k").root)
    assert "nlJoin kind left" in shown
    assert "idScan collection c" in shown


def test_a_correlated_select_uses_the_row_around_it() -> None:
    statement = prepared("SELECT * FROM d WHERE EXISTS (SELECT c._id FROM c WHERE c.a = d.k)")
    inner = statement.statement.where.select  # type: ignore[union-attr]
    plan = plan_select(inner, Catalogue({"c": (BY_A,)}))
    assert "where a = d.k" in tree_text(plan.root)


def test_an_uncorrelated_select_is_a_list_for_an_index() -> None:
    shown = access("WHERE a IN (SELECT k FROM d)", BY_A)
    assert shown.endswith("where a IN (SELECT …)")


def test_an_index_that_is_not_there_cannot_be_used() -> None:
    with pytest.raises(IndexMissing, match="Did you mean by_a"):
        planned("SELECT * FROM c USE INDEX 'by_aa' WHERE a = 1", BY_A)


def test_advice_puts_equal_fields_before_the_range() -> None:
    plan = planned("SELECT * FROM c WHERE n > 5 AND a = 1 AND o.x IN :xs")
    assert [statement_of(each) for each in plan.advice] == [
        "CREATE INDEX by_a_o_x_n ON c (a, o.x, n)"
    ]
