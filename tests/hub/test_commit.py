"""Many pushes in one commit leave what a commit for each batch would have left, in every table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sync.core.batch import NO_DIGEST, digest_of, encode
from sync.core.decode import decode
from sync.hub import Hub, commit
from sync.hub.intake import Intake, Pushed, Taken
from sync.hub.tail import Tail
from sync.ids import Collection, ReplicaId
from sync.peer.identity import Identity
from sync.peer.rules import Grant, Rules
from tests.helpers.clocks import FixedClock
from tests.helpers.hub_process import WITHOUT_DEFAULTS
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import fingerprint, open_replica, waiting_payloads
from tests.helpers.two_devices import ANA, CLEO, DARA

PEOPLE = (ANA, CLEO, DARA)
SHELVES = ("inv_1", "inv_2", "inv_4")
ACTS = ("note", "count", "recount", "give", "delete", "revive")
ACTS += ("order", "item", "price", "sale", "again")
OF_ORDER = "order_id IN (SELECT order_id FROM orders WHERE store_id = $user.store_id)"
steps = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(ACTS), st.sampled_from(SHELVES)), max_size=24
)


@dataclass
class Copy:
    """A copy of a device's file under a name of its own, which writes again what the other made."""

    replica: ReplicaId
    n: int = 0
    digest: str = NO_DIGEST

    def again(self, payload: bytes) -> bytes:
        """The same work under the name that comes next."""
        batch, self.n = decode(payload), self.n + 1
        origin = (batch.replica, batch.n, digest_of(payload))
        found = replace(batch, replica=self.replica, n=self.n, prev=self.digest, origin=origin)
        text = encode(found)
        self.digest = digest_of(text)
        return text


def ruled() -> Rules:
    """Everybody may write orders of their store, and items of these."""
    old, own = (
        WITHOUT_DEFAULTS.grants,
        {
            Collection("order_items"): Grant(*[OF_ORDER] * 5),
            Collection("orders"): Grant(*["store_id = $user.store_id"] * 5),
        },
    )
    grants = {role: {**old[role], **own} for role in old}
    return replace(WITHOUT_DEFAULTS, grants=grants)


def act(line: Line, kind: str, shelf: str, number: int, order: str) -> None:
    """One transaction of a device, good or not; ``order`` is the one that came last."""
    store, replica = line.account.store_id, line.replica
    if kind in ("order", "item", "price"):
        with replica.transaction() as tx:
            if kind == "order":
                tx.insert("orders", {"_id": f"o{number}", "order_id": f"o{number}"} | owned(store))
            elif kind == "item":
                tx.insert("order_items", {"_id": f"i{number}", "order_id": order})
            else:
                tx.upsert("products", {"_id": "prod_1", "base_price": number})
        return
    there = replica.get("inventory", shelf) is not None
    with replica.transaction() as tx:
        if kind == "sale":  # one batch of several collections
            tx.insert("orders", {"_id": f"o{number}", "order_id": f"o{number}"} | owned(store))
            tx.insert("order_items", {"_id": f"i{number}", "order_id": f"o{number}"})
        if kind == "revive" or not there:
            tx.upsert("inventory", {"_id": shelf, "store_id": store, "stock_level": number})
        elif kind == "note":
            tx.update("inventory", shelf, {"notes": f"note {number}", "aisle": number % 3})
        elif kind in ("count", "sale"):
            tx.increment("inventory", shelf, ("stock_level",), -number)
        elif kind == "recount":
            tx.restart("inventory", shelf, ("stock_level",), number)
        elif kind == "give":
            tx.update("inventory", shelf, {"store_id": "store_of_nobody"})
        else:
            tx.delete("inventory", shelf)


def owned(store: str) -> dict[str, str]:
    return {"store_id": store, "status": "open"}


def pushes_of(hubs: Sequence[Hub], work: list[tuple[int, str, str]]) -> list[Pushed]:
    """The work as pushes of a batch each; what is written again comes before it or after it."""
    lines = [Line(hubs[0], who, open_replica(seed=3_000 + i)) for i, who in enumerate(PEOPLE)]
    for line in lines:
        for hub in reversed(hubs):
            line.hub = hub
            line.sign_in()
            messages = [*line.sent()]
        line.replica.receive(messages)
    copies = [Copy(ReplicaId(f"{i:032x}")) for i in range(1, 4)]
    pushes: list[Pushed] = []
    made: dict[int, list[bytes]] = {0: [], 1: [], 2: []}
    order = "none yet"
    for number, (i, kind, shelf) in enumerate(work, 1):
        line, identity = lines[i], lines[i].account.identity
        if kind == "again":
            if made[i]:
                copy = copies[i]
                text = copy.again(made[i][number % len(made[i])])
                pushes.append(Pushed(identity, copy.replica, [text]))
            continue
        act(line, kind, shelf, number, order)
        order = f"o{number}" if kind == "order" else order
        made[i].append(waiting_payloads(line.replica)[-1])
        if number % 7:  # else it comes with the next, behind what was written again
            pushes.append(pushed(identity, line, made[i]))
    last = [pushed(each.account.identity, each, made[i]) for i, each in enumerate(lines)]
    return [each for each in (*pushes, *last) if each.payloads]


def pushed(identity: Identity, line: Line, payloads: list[bytes]) -> Pushed:
    """The newest work of a device, with what it has sent before that."""
    return Pushed(identity, line.replica.id, payloads[-4:])


def heads(taken: list[Taken | Exception]) -> list[tuple[int, str | None]]:
    """What each push has come to."""
    found = [each for each in taken if isinstance(each, Taken)]
    assert len(found) == len(taken)
    return [(each.head, each.newest and each.newest.prev) for each in found]


@settings(max_examples=40, deadline=None)
@given(steps, st.lists(st.integers(1, 8), min_size=1), st.sampled_from((1, 3, 2_000)))
def test_together_is_a_commit_for_each(
    work: list[tuple[int, str, str]], cuts: list[int], rows_max: int
) -> None:
    clock = FixedClock()
    hubs = [stocked_hub(clock=clock) for _ in range(2)]
    for hub in hubs:
        hub.permissions.rules = ruled()
    pushes = pushes_of(hubs, work)
    one, other = (
        Intake(hub.replica, hub.permissions.rules.access, Tail(hub.replica.parts)) for hub in hubs
    )
    alone: list[Taken | Exception] = []
    for who, replica, payloads in pushes:
        for payload in payloads:
            (last,) = one.take_all([Pushed(who, replica, [payload])])
        alone.append(last)
    together: list[Taken | Exception] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commit, "ROWS_MAX", rows_max)
        while pushes:
            cut = cuts[len(pushes) % len(cuts)]
            some, pushes = pushes[:cut], pushes[cut:]
            together += other.take_all(some)
    assert heads(together) == heads(alone)
    assert fingerprint(hubs[1].replica) == fingerprint(hubs[0].replica)
    hubs[1].replica.check()
    for status, count in hubs[0].replica.parts.database.query(
        "SELECT status, count(*) FROM log GROUP BY status"
    ):
        event(f"{status}: {'many' if count > 5 else 'few'}")


def test_a_batch_of_several_collections_that_has_no_room_is_taken_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = stocked_hub(clock=FixedClock())
    hub.permissions.rules = ruled()
    line = Line(hub, ANA, open_replica(seed=3_000))
    line.sign_in()
    line.replica.receive([*line.sent()])
    act(line, "sale", "inv_1", 1, "")
    monkeypatch.setattr(commit, "ROWS_MAX", 1)
    intake = Intake(hub.replica, hub.permissions.rules.access, Tail(hub.replica.parts))
    push = pushed(line.account.identity, line, waiting_payloads(line.replica))
    assert heads(intake.take_all([push]))[0][0] == 1
    assert hub.replica.get("orders", "o1") is not None
    assert hub.replica.get("order_items", "i1") is not None
