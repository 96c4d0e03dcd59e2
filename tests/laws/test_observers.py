"""Whatever is committed, an observer shows what a fresh SELECT would, and its differences lead from
one look to the next (L5)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.values import canonical
from sync.errors import PermissionDenied
from sync.ids import Document
from sync.local import Changes, Replica
from sync.query.errors import IndexImpossible
from tests.helpers.replicas import PaperHub, open_replica, waiting_payloads
from tests.laws.dql_statements import IDS, Case, bodies, collections, condition, paths, statements


@st.composite
def wide_statements(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """SELECTs of several joins, of groups over joins, of DISTINCT and of groups without keys."""
    case = Case()
    where = f" WHERE {condition(draw, case)}" if draw(st.booleans()) else ""
    where = where.replace(" _id =", " c._id =").replace("(_id =", "(c._id =")
    kinds = st.sampled_from(["JOIN", "LEFT JOIN"])
    join = f"{draw(kinds)} d USE INDEX '' ON d.{draw(paths)} = c.{draw(paths)}"
    more = f"{draw(kinds)} c e USE INDEX '' ON e.{draw(paths)} = {draw(st.sampled_from('cd'))}.n"
    more += draw(st.sampled_from(["", " AND e.a > d.a", " OR e._id = 'a'"]))
    limit = draw(st.sampled_from(["", "", " LIMIT 2", " LIMIT 3 OFFSET 1"]))
    key = draw(paths)
    text = draw(
        st.sampled_from(
            [
                f"SELECT c._id AS i, d.a, e.b FROM c {join} {more}{where}{limit}",
                f"SELECT * FROM c {join} {more}{where} ORDER BY e.n DESC, d.a{limit}",
                f"SELECT c.{key} AS k, COUNT(d._id) AS n, MAX(d.a) AS top FROM c {join}{where}"
                f" GROUP BY c.{key} ORDER BY COUNT(d._id) DESC{limit}",
                f"SELECT DISTINCT c.{key} AS k FROM c{where} ORDER BY c.{key}{limit}",
                f"SELECT DISTINCT d.a AS k FROM c {join}{where}{limit}",
                f"SELECT COUNT(*) AS n, SUM(c.n) AS s, MIN(c.a) AS least FROM c{where}",
            ]
        )
    )
    return text, case.args


class Screen:
    """Shows what an observer told it."""

    def __init__(self, replica: Replica, text: str, args: dict[str, Any]) -> None:
        self._replica = replica
        self._asked = text, args
        self._observer = replica.register_observer(text, args)
        self.shown: list[Document] = []
        self._show(self._observer.first())

    def look(self) -> None:
        """It shows what is there, and a second look finds nothing new."""
        self._show(self._observer.refresh())
        assert not self._observer.refresh()

    def _show(self, changes: Changes) -> None:
        self.shown = changes.applied_to(self.shown)
        fresh = self._replica.execute(*self._asked).items
        assert list(map(canonical, self.shown)) == list(map(canonical, fresh))
        assert list(map(canonical, changes.items)) == list(map(canonical, fresh))


DENIED = PermissionDenied("Not yours.")


class Undone(Exception):
    """A transaction changed its mind."""


def stocked_with(c: dict[str, Document], d: dict[str, Document]) -> Replica:
    """A replica with two collections."""
    replica = open_replica()
    with replica.transaction() as tx:
        for name, documents in (("c", c), ("d", d)):
            for doc_id, body in documents.items():
                tx.insert(name, {**body, "_id": doc_id})
            tx.insert(name, {"_id": "was"})
    return replica


STEPS = ["write", "write", "write", "put", "delete", "remote", "undone", "refused", "accepted"]
STEPS += ["evict", "index"]
INDEXES = ("DROP INDEX IF EXISTS by_n ON {0}", "CREATE INDEX IF NOT EXISTS by_n ON {0} (n, a)")
steps = st.tuples(
    st.sampled_from(STEPS),
    st.sampled_from("ccd"),
    st.sampled_from(IDS),
    bodies,
    st.sampled_from([True, True, False]),
)


class Elsewhere:
    """Another device whose work arrives through a hub, and what the hub makes of ours."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._other = open_replica(seed=2)
        self._hub = PaperHub()
        replica.receive([self._hub.hello()])

    def writes(self, collection: str, body: Document) -> None:
        """The other device's work arrives."""
        with self._other.transaction() as tx:
            tx.upsert(collection, body)
        self._replica.receive([*map(self._hub.part, waiting_payloads(self._other)[-1:])])

    def settles(self, *, accepts: bool) -> None:
        """The hub has judged what we sent."""
        waiting = waiting_payloads(self._replica)
        hub = self._hub
        verdicts = [hub.accept(p) if accepts else hub.reject(p, DENIED) for p in waiting]
        self._replica.receive(verdicts)

    def close(self) -> None:
        """The device goes."""
        self._other.close()


def carry_out(
    replica: Replica, elsewhere: Elsewhere, what: str, collection: str, doc_id: str, body: Document
) -> None:
    """One step of somebody's work."""
    if what == "remote":
        elsewhere.writes(collection, {**body, "_id": doc_id})
        return
    if what == "index":
        with suppress(IndexImpossible):  # a field of maps only
            replica.execute(INDEXES[doc_id in "ac"].format(collection))
        return
    with suppress(Undone), replica.transaction() as tx:
        if what == "evict":
            tx.evict(collection, doc_id)
            return
        held = tx.get(collection, doc_id)
        if held is None:
            tx.insert(collection, {**body, "_id": doc_id})
        elif what == "delete":
            tx.delete(collection, doc_id)
        else:
            if what == "put":
                tx.unset(collection, doc_id, *[(name,) for name in held if name != "_id"])
            tx.update(collection, doc_id, body)
        if what == "undone":
            raise Undone
    if what in ("accepted", "refused"):
        elsewhere.settles(accepts=what == "accepted")


@settings(deadline=None)
@given(
    c=collections,
    d=collections,
    asked=st.lists(statements() | wide_statements(), min_size=1, max_size=3),
    steps=st.lists(steps, min_size=1, max_size=12),
)
def test_an_observer_shows_what_a_fresh_select_does(
    c: dict[str, Document],
    d: dict[str, Document],
    asked: list[tuple[str, dict[str, Any]]],
    steps: list[Any],
) -> None:
    replica = stocked_with(c, d)
    elsewhere = Elsewhere(replica)
    screens = [Screen(replica, text, args) for text, args in asked]
    for *step, looks in steps:
        carry_out(replica, elsewhere, *step)
        if looks:
            for screen in screens:
                screen.look()
    for screen in screens:
        screen.look()
    replica.close()
    elsewhere.close()


ORDERS = (
    "SELECT * FROM c WHERE n > 0",
    "SELECT _id, n FROM c WHERE n < 3 ORDER BY n DESC, a",
    "SELECT _id, a FROM c WHERE a = 1 ORDER BY n LIMIT 2",
    "SELECT _id, n FROM c ORDER BY n DESC LIMIT 1 OFFSET 1",
    "SELECT DISTINCT a FROM c WHERE n > 0 ORDER BY a DESC LIMIT 2",
    "SELECT a, COUNT(*) AS many, SUM(n) AS sum FROM c GROUP BY a HAVING COUNT(*) > 1 ORDER BY a",
    "SELECT COUNT(*) AS many FROM c WHERE a = 1",
    "SELECT COUNT(*) AS many FROM c",
    "SELECT c._id, d.n FROM c JOIN d ON d._id = c.link WHERE c.a = 1 ORDER BY d.n DESC",
    "SELECT c._id, d._id AS of FROM c JOIN d USE INDEX '' ON d.a = c.a AND d.n > 1 LIMIT 3",
    "SELECT c._id FROM c LEFT JOIN d USE INDEX '' ON d.a = c.a WHERE d.n IS MISSING OR d.n > 1",
    "SELECT c._id, d.n FROM c RIGHT JOIN d USE INDEX '' ON c._id = d.link",
    "SELECT c._id, e.n FROM c JOIN d ON d._id = c.link JOIN c e ON e._id = d.link WHERE e.n > 0",
    "SELECT d.a, SUM(c.n) AS sum FROM c JOIN d ON d._id = c.link GROUP BY d.a",
    "SELECT c._id FROM c JOIN d USE INDEX '' ON d._id IN c.links AND d.a = 1",
    "SELECT c._id FROM c JOIN d USE INDEX '' ON d.n > c.n",
    "SELECT _id, n FROM c WHERE link IN (SELECT _id FROM d WHERE a = 1)",
    "SELECT c._id FROM c WHERE NOT EXISTS (SELECT * FROM d WHERE d.link = c._id AND d.n > 0)",
    "SELECT _id FROM c USE IDS 'a', 'b' WHERE n > 0",
)
"""Over documents as below most of these change with most steps."""

few = st.sampled_from("abcd")
small = st.integers(0, 3)
whole = st.fixed_dictionaries(
    {"n": small, "a": small, "link": few, "links": st.lists(few, max_size=2)}
)
part = whole.flatmap(lambda body: st.sampled_from([{name: body[name]} for name in body]))
moves = st.tuples(
    st.sampled_from(STEPS),
    st.sampled_from("cd"),
    few,
    st.one_of(part, part, whole),
)


@settings(deadline=None)
@given(
    c=st.dictionaries(few, whole, min_size=2),
    d=st.dictionaries(few, whole, min_size=2),
    moves=st.lists(st.tuples(moves, st.booleans()), min_size=3, max_size=12),
)
def test_every_kind_of_statement_follows(c: Any, d: Any, moves: list[Any]) -> None:
    replica = stocked_with(c, d)
    elsewhere = Elsewhere(replica)
    screens = [Screen(replica, text, {}) for text in ORDERS]
    for move, looks in [*moves[:-1], (moves[-1][0], True)]:
        carry_out(replica, elsewhere, *move)
        for screen in screens if looks else ():
            screen.look()
    replica.close()
    elsewhere.close()
