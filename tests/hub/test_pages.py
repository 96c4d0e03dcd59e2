"""What is judged and encoded once for many reaches only those who may see it (S3, S4)."""

from __future__ import annotations

import json
import random

import pytest

from sync.hub import Account, Hub, tail
from sync.hub.feed import Feed
from sync.hub.pages import Pages
from sync.hub.permissions import default_rules
from sync.hub.tail import Tail
from sync.wire import codec
from sync.wire.messages import Part
from tests.helpers.lines import Line, noted, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BELLEVUE, BEN, CLEO, DARA, SEATTLE

PEOPLE = (ANA, BEN, CLEO, DARA)
SHELVES = tuple(f"inv_{number}" for number in range(1, 6))
STEPS, READINGS = 6, 8


@pytest.fixture
def hub() -> Hub:
    return stocked_hub()


def joined(hub: Hub, account: Account, seed: int) -> Line:
    line = Line.signed_in(hub, account, open_replica(seed=seed))
    line.pull()
    return line


def feed_of(line: Line) -> Feed:
    """A pull from where the replica stands, past its hello."""
    feed = line.hub.feed(line.account.identity, json.loads(codec.encode(line.cursor())))
    for _ in feed.opening():
        continue
    return feed


def alone(feed: Feed, hub: Hub) -> Feed:
    """The same pull, of somebody with whom nothing is shared."""
    twin = Feed(
        *(hub.replica, hub.hub_id, feed._bounds, feed._cursor, None, lambda: None),
        tail=Tail(hub.replica.parts),
        pages=Pages(hub.replica, Tail(hub.replica.parts)),
    )
    for _ in twin.opening():
        continue
    return twin


def lines_of(feed: Feed) -> list[bytes]:
    found: list[bytes] = []
    while page := feed.more():
        found += [each.line for each in page]
    return found


def something_happens(hub: Hub, draw: random.Random, step: int) -> None:
    """A shelf changes, moves to another store, goes or comes back; orders with their items do."""
    with hub.replica.transaction() as tx:
        for shelf in draw.sample(SHELVES, draw.randint(1, 3)):
            store = draw.choice((SEATTLE, BELLEVUE))
            kind = draw.choice(("note", "count", "move", "remove", "make"))
            if kind == "make" or tx.get("inventory", shelf) is None:
                tx.upsert("inventory", {"_id": shelf, "store_id": store, "stock_level": 1})
            elif kind == "remove":
                tx.delete("inventory", shelf)
            elif kind == "count":
                tx.increment("inventory", shelf, ("stock_level",), 1)
            else:
                tx.update(
                    "inventory", shelf, {"store_id": store} if kind == "move" else {"n": step}
                )
        store, order = draw.choice((SEATTLE, BELLEVUE)), f"order_{draw.randint(1, 3)}"
        person = draw.choice(PEOPLE).user_id
        tx.upsert("orders", {"_id": order, "store_id": store, "created_by": person})
        tx.upsert("order_items", {"_id": f"{order}_1", "order_id": order, "store_id": store})


@pytest.mark.parametrize("seed", range(6))
def test_what_is_shared_is_what_each_would_be_told_alone(seed: int) -> None:
    """People of two stores and three roles, with the subscriptions their roles are given."""
    hub, draw = stocked_hub(seed=100 + seed), random.Random(seed)
    hub.permissions.rules = default_rules()
    lines = [joined(hub, person, 2_000 + i) for i, person in enumerate(PEOPLE)]
    feeds = [feed_of(line) for line in lines]
    for reading in range(READINGS):
        twins = [alone(feed, hub) for feed in feeds]
        for feed, twin in zip(feeds, twins, strict=True):
            twin._position = feed._position
        for step in range(draw.randint(1, STEPS)):
            something_happens(hub, draw, reading * STEPS + step)
        draw.shuffle(order := list(range(len(feeds))))
        for i in order[: draw.randint(1, len(order))]:  # the others read later, from further back
            assert lines_of(feeds[i]) == lines_of(twins[i])


@pytest.mark.parametrize("seed", range(6))
def test_whoever_is_told_late_what_others_were_told_ends_with_the_same(seed: int) -> None:
    """Pages are cut at the same places for all, judged when the first one reads them, and told to
    the last one when much has happened since."""
    hub, draw = stocked_hub(seed=200 + seed), random.Random(seed)
    hub.permissions.rules = default_rules()
    lines = [joined(hub, person, 2_000 + i) for i, person in enumerate(PEOPLE * 2)]
    feeds = [feed_of(line) for line in lines]
    for reading in range(READINGS):
        for step in range(draw.randint(1, STEPS)):
            something_happens(hub, draw, reading * STEPS + step)
            author, shelf = draw.choice(lines), draw.choice(SHELVES)
            if author.replica.get("inventory", shelf) is not None:
                noted(author, f"{reading}/{step}", shelf)
                author.push()
        hub._pages.cut(hub.replica.identity.seq)
        for i in draw.sample(range(len(feeds)), draw.randint(1, 4)):
            lines[i].replica.receive([codec.decode(each.line) for each in feeds[i].more()])
    for line, feed in zip(lines, feeds, strict=True):
        while page := feed.more():
            line.replica.receive([codec.decode(each.line) for each in page])
    assert {feed.position for feed in feeds} == {hub.replica.identity.seq}
    for i, line in enumerate(lines):
        fresh = joined(hub, line.account, 3_000 + i)
        for name in ("inventory", "orders", "order_items"):
            assert line.replica.find(name) == fresh.replica.find(name)


def test_who_falls_behind_is_told_what_others_were_told(hub: Hub) -> None:
    ana, cleo = joined(hub, ANA, 2_001), joined(hub, CLEO, 2_002)
    early, late = (feed_of(line) for line in (ana, cleo))
    heard: dict[Feed, list[bytes]] = {early: [], late: []}
    for feed in heard:
        lines_of(feed)
    for number in range(5):
        with hub.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": f"note {number}"})
        hub._pages.cut(hub.replica.identity.seq)
        heard[early] += lines_of(early)
    heard[late] += lines_of(late)
    assert len(heard[early]) == 5
    assert all(one is other for one, other in zip(*heard.values(), strict=True))


def test_people_of_one_store_are_told_with_the_same_bytes(hub: Hub) -> None:
    ana, cleo = joined(hub, ANA, 2_001), joined(hub, CLEO, 2_002)
    feeds = [feed_of(line) for line in (ana, cleo)]
    for feed in feeds:
        lines_of(feed)
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "for Seattle"})
    (first, *_), (second, *_) = (feed.more() for feed in feeds)
    assert isinstance(first.message, Part)
    assert first.line is second.line


def test_people_of_another_store_never_are(hub: Hub) -> None:
    lines = [joined(hub, person, 2_000 + i) for i, person in enumerate((ANA, DARA, CLEO))]
    ana, dara, cleo = (feed_of(line) for line in lines)
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "for Seattle"})
    assert any(b"for Seattle" in line for line in lines_of(ana))
    assert not any(b"for Seattle" in line for line in lines_of(dara))
    assert any(b"for Seattle" in line for line in lines_of(cleo))


def test_whoever_changes_stores_hears_nothing_of_the_former_one(hub: Hub) -> None:
    """Though others of that store have just been told, and the page is at hand."""
    ana, cleo = joined(hub, ANA, 2_001), joined(hub, CLEO, 2_002)
    feeds = [feed_of(line) for line in (ana, cleo)]
    for feed in feeds:
        lines_of(feed)
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "for Seattle"})
    assert any(b"for Seattle" in line for line in lines_of(feeds[1]))
    ana.becomes(store_id=BELLEVUE)
    lines_of(feeds[0])
    assert not feeds[0].is_current()  # so what it has read does not go out
    again = feed_of(ana)
    assert not any(b"for Seattle" in line for line in lines_of(again))


def test_who_wrote_it_hears_the_verdict_and_not_the_work(hub: Hub) -> None:
    ana, cleo = joined(hub, ANA, 2_001), joined(hub, CLEO, 2_002)
    feeds = [feed_of(line) for line in (cleo, ana)]
    noted(ana, "by Ana")
    ana.push()
    told, own = (lines_of(feed) for feed in feeds)
    assert any(b"by Ana" in line for line in told)
    assert not any(b"by Ana" in line for line in own)
    assert any(b'"k":"own"' in line for line in own)


@pytest.mark.parametrize("bytes_max", [0, 2_000])
def test_whoever_is_left_behind_by_a_great_deal_misses_nothing(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, bytes_max: int
) -> None:
    """The end of the log is kept decoded as far as there is room; the rest is in the file."""
    monkeypatch.setattr(tail, "TAIL_BYTES_MAX", bytes_max)
    monkeypatch.setattr(tail, "TAIL_ENTRIES_MAX", 20)
    feed = feed_of(joined(hub, ANA, 2_001))
    for burst in (1, 5, 40, 3):
        for number in range(burst):
            with hub.replica.transaction() as tx:
                tx.update("inventory", "inv_1", {"notes": f"{burst}/{number}"})
        found = b"".join(lines_of(feed)).decode()
        assert [number for number in range(burst) if f'"{burst}/{number}"' not in found] == []


def test_a_closed_account_is_noticed_before_anything_after_it_is_told(hub: Hub) -> None:
    feed = feed_of(joined(hub, ANA, 2_001))
    assert feed.is_current()
    hub.accounts.set_disabled("ana", True)
    assert not feed.is_current()
    hub.accounts.set_disabled("ana", False)
    assert feed.is_current()


def test_a_device_that_somebody_else_has_taken_over_is_told_no_more(hub: Hub) -> None:
    ana = joined(hub, ANA, 2_001)
    feed = feed_of(ana)
    assert feed.is_current()
    Line.signed_in(hub, CLEO, ana.replica)
    assert not feed.is_current()
