"""A kept result: after a change it is what asking anew gives, and only its rows were looked up."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest

from sync.ids import Document
from sync.query.keeping import Kept, kept, kept_of
from sync.query.plan import Catalogue, Place, Plan
from sync.query.planner import plan_select
from sync.query.prepared import prepared
from sync.query.run import DictSource, Execution
from sync.query.syntax import Select

Data = dict[str, dict[str, Document]]


class Source(DictSource):
    """Plain dicts that count how many documents were read."""

    def __init__(self, data: Data) -> None:
        super().__init__(data)
        self.read = 0

    def scan(self, place: Place, condition: Any) -> Iterable[Document]:
        found = list(super().scan(place, condition))
        self.read += len(found)
        return found

    def by_id(self, place: Place, ids: Iterable[str]) -> Iterable[Document]:
        found = list(super().by_id(place, ids))
        self.read += len(found)
        return found


class Asked:
    """A statement over documents that change, its result kept."""

    def __init__(self, text: str, **data: dict[str, Document]) -> None:
        self.data: Data = {
            name: {doc_id: {**body, "_id": doc_id} for doc_id, body in documents.items()}
            for name, documents in data.items()
        }
        select = prepared(text).statement
        assert isinstance(select, Select)
        self.select = select
        self.source = Source(self.data)
        found = self._kept()
        assert found is not None
        self.kept = found
        self.source.read = 0

    def put(self, alias: str, name: str, doc_id: str, /, **fields: Any) -> bool:
        """A document changes; whether what is kept could follow."""
        held = self.data[name].get(doc_id, {"_id": doc_id})
        self.data[name][doc_id] = {**held, **fields}
        return self.kept.renew({alias: {doc_id}})

    def drop(self, alias: str, name: str, doc_id: str) -> bool:
        """A document goes; whether what is kept could follow."""
        del self.data[name][doc_id]
        return self.kept.renew({alias: {doc_id}})

    @property
    def rows(self) -> list[Document]:
        """What is kept, which is what asking anew gives."""
        rows = [row for _, row in self.kept.results()]
        assert rows == list(self._execution().results(self._plan(self.select)))
        return rows

    def _execution(self) -> Execution:
        return Execution(DictSource(self.data), {}, self._plan)

    def _plan(self, select: Select) -> Plan:
        return plan_select(select, Catalogue())

    def _kept(self) -> Kept | None:
        execution = Execution(self.source, {}, self._plan)
        return kept_of(self.select, execution, self._plan(self.select))


def numbered(count: int, **fields: Any) -> dict[str, Document]:
    return {f"{n:02}": {"n": n, **fields} for n in range(count)}


class TestRows:
    def test_a_change_looks_up_its_own_document(self) -> None:
        asked = Asked("SELECT * FROM c WHERE n < 50 ORDER BY n DESC", c=numbered(30))
        assert asked.put("c", "c", "05", n=29)
        assert asked.source.read == 1
        assert [row["_id"] for row in asked.rows[:3]] == ["05", "29", "28"]
        assert asked.put("c", "c", "05", n=99)
        assert asked.drop("c", "c", "07")
        assert asked.put("c", "c", "zz", n=7)
        assert [row["_id"] for row in asked.rows if row["n"] == 7] == ["zz"]

    def test_rows_that_stay_are_the_same_objects(self) -> None:
        asked = Asked("SELECT n FROM c", c=numbered(5))
        before = asked.kept.results()
        asked.put("c", "c", "02", n=9)
        after = asked.kept.results()
        assert [one is other for one, other in zip(before, after, strict=True)].count(False) == 1

    def test_equal_results_of_distinct_outlive_each_other(self) -> None:
        asked = Asked("SELECT DISTINCT a FROM c", c={"1": {"a": 1}, "2": {"a": 1}, "3": {"a": 2}})
        asked.drop("c", "c", "1")
        assert asked.rows == [{"a": 1}, {"a": 2}]
        asked.put("c", "c", "2", a=3)
        assert asked.rows == [{"a": 3}, {"a": 2}]

    def test_many_that_go_at_once_leave_the_others(self) -> None:
        text = "SELECT c._id, d.n FROM c LEFT JOIN d USE INDEX '' ON d.a = c.a ORDER BY d.n DESC"
        asked = Asked(text, c={"1": {"a": 1}, "2": {"a": 2}}, d=numbered(150, a=1))
        assert asked.put("c", "c", "1", a=3)
        assert len(asked.rows) == 2
        assert asked.drop("c", "c", "2")
        assert [row["_id"] for row in asked.rows] == ["1"]


class TestWindows:
    TEXT = "SELECT _id, n FROM c ORDER BY n LIMIT 3 OFFSET 1"

    def test_little_more_is_kept_than_is_shown(self) -> None:
        asked = Asked(self.TEXT, c=numbered(99))
        assert asked.put("c", "c", "50", n=-1)
        assert [row["_id"] for row in asked.rows] == ["00", "01", "02"]
        assert asked.put("c", "c", "60", n=70)
        assert asked.put("c", "c", "00", n=70)
        assert [row["_id"] for row in asked.rows] == ["01", "02", "03"]
        assert asked.source.read == 3

    def test_it_is_asked_anew_when_too_many_have_left(self) -> None:
        asked = Asked(self.TEXT, c=numbered(99))
        followed = [asked.put("c", "c", f"{n:02}", n=500) for n in range(6)]
        assert followed == [True] * 5 + [False]

    def test_it_is_asked_anew_when_too_many_have_come(self) -> None:
        asked = Asked(self.TEXT, c=numbered(99))
        followed = [asked.put("c", "c", f"new {n}", n=-n) for n in range(30)]
        assert followed[0] and not followed[-1]

    def test_what_is_whole_never_has_to_be(self) -> None:
        asked = Asked(self.TEXT, c=numbered(4))
        assert all(asked.drop("c", "c", f"{n:02}") for n in range(4))
        assert asked.rows == []
        assert all(asked.put("c", "c", f"new {n}", n=-n) for n in range(50))
        assert len(asked.rows) == 3


class TestJoins:
    def test_a_partner_is_found_by_what_rows_look_for(self) -> None:
        text = "SELECT c._id, d.name FROM c JOIN d ON d._id = c.link"
        asked = Asked(text, c={f"{n}": {"link": f"d{n % 3}"} for n in range(9)}, d={"d0": {}})
        assert asked.put("d", "d", "d1", name="new")
        assert asked.source.read == 1 + 3 + 3
        assert [row["_id"] for row in asked.rows] == ["0", "1", "3", "4", "6", "7"]
        assert asked.drop("d", "d", "d0")
        assert asked.put("c", "c", "0", link="d1")
        assert [row["_id"] for row in asked.rows] == ["0", "1", "4", "7"]

    def test_what_a_row_looked_for_once_is_forgotten(self) -> None:
        text = "SELECT c._id, d.name FROM c JOIN d ON d._id = c.link"
        asked = Asked(text, c={"1": {"link": "x"}}, d={"x": {}, "y": {}})
        asked.put("c", "c", "1", link="y")
        asked.source.read = 0
        asked.put("d", "d", "x", name="seen by nobody")
        assert asked.source.read == 1

    def test_a_partner_that_only_hid_a_row_gives_it_back(self) -> None:
        """The row is nowhere in the result, yet its going brings another."""
        text = "SELECT c._id FROM c LEFT JOIN d USE INDEX '' ON d.a = c.a WHERE d.n IS MISSING"
        asked = Asked(text, c={"1": {"a": 1}, "2": {"a": 2}}, d={"x": {"a": 1, "n": 1}})
        assert [row["_id"] for row in asked.rows] == ["2"]
        assert asked.put("d", "d", "x", a=2)
        assert [row["_id"] for row in asked.rows] == ["1"]
        assert asked.drop("d", "d", "x")
        assert [row["_id"] for row in asked.rows] == ["1", "2"]

    def test_a_chain_is_followed_from_its_end(self) -> None:
        text = "SELECT a._id FROM a JOIN b ON b._id = a.b JOIN c ON c._id = b.c WHERE c.on = true"
        asked = Asked(
            text,
            a={"1": {"b": "x"}, "2": {"b": "y"}, "3": {"b": "gone"}},
            b={"x": {"c": "p"}, "y": {"c": "q"}},
            c={"p": {"on": True}, "q": {"on": False}},
        )
        assert asked.put("c", "c", "q", on=True)
        assert [row["_id"] for row in asked.rows] == ["1", "2"]
        assert asked.put("b", "b", "gone", c="p")
        assert [row["_id"] for row in asked.rows] == ["1", "2", "3"]

    def test_a_list_is_looked_for_item_by_item(self) -> None:
        text = "SELECT c._id, d._id AS of FROM c JOIN d USE INDEX '' ON d.key IN c.keys"
        asked = Asked(text, c={"1": {"keys": [1, 2]}, "2": {"keys": 3}}, d={"x": {"key": 9}})
        assert asked.put("d", "d", "x", key=2)
        assert asked.rows == [{"_id": "1", "of": "x"}]
        assert asked.put("d", "d", "x", key=3)
        assert asked.rows == []

    def test_a_join_by_anything_else_is_asked_anew(self) -> None:
        asked = Asked(
            "SELECT c._id FROM c JOIN d USE INDEX '' ON d.n > c.n", c=numbered(3), d=numbered(2)
        )
        assert not asked.put("d", "d", "01", n=9)


class TestGroups:
    def test_only_the_touched_groups_are_worked_out(self) -> None:
        text = "SELECT a, COUNT(*) AS many, MAX(n) AS top FROM c GROUP BY a HAVING COUNT(*) > 1"
        asked = Asked(text, c={f"{n}": {"a": n % 2, "n": n, "rest": "x"} for n in range(6)})
        assert asked.put("c", "c", "0", a=1)
        assert asked.rows == [
            {"a": 1, "many": 4, "top": 5},
            {"a": 0, "many": 2, "top": 4},
        ]
        assert asked.drop("c", "c", "2")
        assert [row["a"] for row in asked.rows] == [1]

    def test_nothing_is_a_group_without_keys(self) -> None:
        text = "SELECT COUNT(*) AS many, SUM(n) AS sum FROM c WHERE n > 0"
        asked = Asked(text, c={"1": {"n": 4}})
        asked.drop("c", "c", "1")
        assert asked.rows == [{"many": 0}] == Asked(text, c={}).rows
        asked.put("c", "c", "1", n=2)
        assert asked.rows == [{"many": 1, "sum": 2}]

    def test_fields_within_fields_are_kept(self) -> None:
        text = "SELECT c.at.aisle AS k, SUM(c.at.n) AS sum, MIN(c.at) AS least FROM c"
        text += " GROUP BY c.at.aisle ORDER BY MIN(c.at.n) DESC"
        documents: dict[str, Document] = {
            f"{n}": {"at": {"aisle": n % 2, "n": n}} for n in range(4)
        }
        asked = Asked(text, c=documents)
        asked.put("c", "c", "3", at={"aisle": 0, "n": 7})
        assert [row["sum"] for row in asked.rows] == [1, 9]


class TestWhatIsNotKept:
    @pytest.mark.parametrize(
        "text",
        [
            "SELECT COUNT(*) AS n FROM c",
            "SELECT _id FROM c WHERE n < clock()",
            "SELECT _id FROM c USE IDS '01', '02'",
        ],
    )
    def test_what_is_cheap_or_depends_on_more(self, text: str) -> None:
        with pytest.raises(AssertionError):
            Asked(text, c=numbered(3))

    def test_too_many_rows_behind_few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept, "UNSEEN_ROWS_MAX", 5)
        Asked("SELECT n % 2 AS odd, COUNT(*) AS many FROM c GROUP BY n % 2", c=numbered(5))
        Asked("SELECT * FROM c", c=numbered(6))
        with pytest.raises(AssertionError):
            Asked("SELECT n % 2 AS odd, COUNT(*) AS many FROM c GROUP BY n % 2", c=numbered(6))

    def test_a_change_of_more_than_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept, "RENEWED_MAX", 2)
        asked = Asked("SELECT * FROM c", c=numbered(3))
        assert asked.kept.renew({"c": {"00", "01", "02"}})
        assert not asked.kept.renew({"c": {"00", "01", "02", "03"}})


@pytest.mark.parametrize(
    "text",
    [
        "SELECT _id, n FROM c WHERE a > 0 ORDER BY a DESC, n LIMIT 4 OFFSET 1",
        "SELECT DISTINCT a, n FROM c ORDER BY n DESC, a LIMIT 3",
        "SELECT c._id, d.n FROM c LEFT JOIN d USE INDEX '' ON d.a = c.a ORDER BY d.n, c.n DESC",
        "SELECT a, MIN(n) AS least FROM c GROUP BY a",
        "SELECT d.a, COUNT(*) AS many FROM c JOIN d ON d._id = c.link GROUP BY d.a ORDER BY d.a",
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_after_many_changes_it_is_what_asking_anew_gives(text: str, seed: int) -> None:
    chance = random.Random(seed)

    def body() -> Document:
        return {
            "n": chance.randrange(9),
            "a": chance.randrange(4),
            "link": f"{chance.randrange(8):02}",
        }

    asked = Asked(text, **{name: {f"{n:02}": body() for n in range(12)} for name in "cd"})
    for _ in range(120):
        name = chance.choice("ccd" if "d." in text else "c")
        doc_id = f"{chance.randrange(16):02}"
        if chance.random() < 0.3 and doc_id in asked.data[name]:
            followed = asked.drop(name, name, doc_id)
        else:
            followed = asked.put(name, name, doc_id, **body())
        if not followed:
            renewed = asked._kept()
            assert renewed is not None
            asked.kept = renewed
        assert asked.rows is not None
