"""Messages to lines and back, believing nothing that comes in."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import (
    ClockAhead,
    HubFailed,
    MessageGarbage,
    MessageTooLarge,
    PermissionDenied,
    VersionUnknown,
    WireError,
    ZavaError,
)
from sync.ids import ReplicaId
from sync.local import Replica
from sync.wire import codec, pushes
from sync.wire.messages import (
    HELD_REPLICAS_MAX,
    Begin,
    Cursor,
    Docs,
    End,
    Hello,
    Message,
    Outcome,
    Part,
    Ping,
    Position,
    Push,
    PushReply,
    Settled,
    Verdict,
)
from tests.helpers.clocks import NOON_MS, FixedClock
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica, stocked, waiting_payloads
from tests.helpers.taken_apart import put_together, taken_apart
from tests.helpers.two_devices import ANA, BELLEVUE, BEN, CLEO

REPLICA = ReplicaId("a" * 32)
DIGEST = "0123456789abcdef" * 2


def some_of_everything() -> list[Message]:
    """What a day with moves, deletes, counts and refusals makes a hub send."""
    hub = stocked_hub()
    ahead = open_replica(seed=1_002, clock=FixedClock(NOON_MS + 1_000))
    ana, ben = Line.signed_in(hub, ANA, open_replica(seed=1_001)), Line.signed_in(hub, BEN, ahead)
    messages = ana.pull()
    ben.pull()
    with ben.replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1", "store_id": "store_seattle", "total": 12.5})
        tx.update("inventory", "inv_1", {"notes": "é😀", "tags": {"a": {}, "b": [1, {"c": None}]}})
        tx.increment("inventory", "inv_2", ("stock_level",), -2)
        tx.unset("inventory", "inv_3", ("location",))
        tx.delete("customers", "cust_SEA")
    with ana.replica.transaction() as tx:
        tx.restart("inventory", "inv_2", ("stock_level",), 9)
        tx.update("customers", "cust_SEA", {"phone": "1"})
    with ana.replica.transaction() as tx:
        tx.update("products", "prod_1", {"base_price": 0})
    ben.push()
    ana.push()
    with hub.replica.transaction() as tx:
        tx.update("inventory", "inv_4", {"store_id": "store_seattle"})
        tx.update("inventory", "inv_3", {"store_id": BELLEVUE})
    messages += ana.pull()
    cleo = Line.signed_in(hub, CLEO, open_replica(seed=1_003))
    messages += [*cleo.sent(), *ana.sent(ana.cursor(seq=0, chain="")), Ping(NOON_MS)]
    again = next(message for message in messages if isinstance(message, Part))
    again = again._replace(origin=(REPLICA, 3, DIGEST))
    return [*messages, again, Settled(REPLICA, 3), Position(7, DIGEST), End(7, DIGEST)]


@pytest.fixture(scope="module")
def traffic() -> list[Message]:
    return TRAFFIC


def kinds(messages: list[Message]) -> set[type[Message]]:
    return {type(message) for message in messages}


def test_the_traffic_has_some_of_everything(traffic: list[Message]) -> None:
    assert kinds(traffic) == {Hello, Begin, Docs, End, Part, Outcome, Settled, Position, Ping}
    found = [message for message in traffic if isinstance(message, Part)]
    assert any(part.whole for part in found)
    assert any(part.gone for part in found)
    assert any(row.ghost for m in traffic if isinstance(m, Docs) for row in m.rows)
    assert any(m.verdict.error for m in traffic if isinstance(m, Outcome))


def test_every_message_comes_back_as_it_was(traffic: list[Message]) -> None:
    for message in traffic:
        line = codec.encode(message)
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        again = codec.decode(line.rstrip(b"\n"))
        assert codec.encode(again) == line
        assert comparable(again) == comparable(message)


def test_a_line_taken_apart_is_the_same_put_together(traffic: list[Message]) -> None:
    for message in traffic:
        line = codec.encode(message)
        assert codec.encode(codec.decode(put_together(taken_apart(line)))) == line


def comparable(message: Message) -> Any:
    """Errors compare by identity; what they say is what counts."""
    return repr(message)


def test_a_verdict_keeps_its_reason() -> None:
    for error in (PermissionDenied("Not yours."), ClockAhead("Ahead."), None):
        outcome = Outcome(5, DIGEST, Verdict(2, DIGEST, error))
        again = codec.decode(codec.encode(outcome))
        assert isinstance(again, Outcome)
        assert type(again.verdict.error) is type(error)
        assert str(again.verdict.error) == str(error)


def test_a_reason_we_do_not_know_is_kept_as_a_failure_of_the_hub() -> None:
    line = codec.encode(Outcome(5, DIGEST, Verdict(2, DIGEST, ClockAhead("Ahead."))))
    again = codec.decode(line.replace(b"clock_ahead", b"made_up_next_year"))
    assert isinstance(again, Outcome)
    assert isinstance(again.verdict.error, HubFailed)


TRAFFIC = some_of_everything()

BODIES = [taken_apart(codec.encode(message)) for message in TRAFFIC]

oddities = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 70), 1 << 70),
    st.integers(-2, 12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "x", "[1,0]", "{}", "[[]]", '{"a":1}', "é", "\ud800", "\x00", "_id"]),
    st.sampled_from(["f" * 32, "=", "+", "-", "o", "x" * 300, "[" * 2_000]),
    st.lists(st.none() | st.integers(0, 3) | st.just([]), max_size=4),
    st.dictionaries(st.sampled_from(["a", "_id", "code", ""]), st.none() | st.just({}), max_size=2),
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A real message with one to three of its parts replaced, removed, doubled or swapped."""
    body: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(BODIES))))
    for _ in range(draw(st.integers(1, 3))):
        holder, place = draw(st.sampled_from(places(body)))
        doing = draw(st.sampled_from(["replace", "replace", "remove", "double", "within"]))
        if doing == "replace":
            holder[place] = draw(oddities)
        elif doing == "remove":
            del holder[place]
        elif doing == "double" and isinstance(holder, list):
            holder.append(holder[place])
        elif doing == "within" and isinstance(holder[place], str):
            holder[place] = draw(nested(holder[place]))
        if not places(body):
            break
    return body


@st.composite
def nested(draw: st.DrawFn, text: str) -> str:
    """Rows and bodies are JSON within JSON: mutate what is inside."""
    with suppress(ValueError, RecursionError):
        inner = json.loads(text)
        if isinstance(inner, list | dict) and (found := places(inner)):
            holder, place = draw(st.sampled_from(found))
            holder[place] = draw(oddities)
            return json.dumps(inner, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text + "x"


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) within a JSON value."""
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        return []
    return [(value, key) for key, _ in inner] + [p for _, part in inner for p in places(part)]


@given(mutated())
@settings(max_examples=300)
def test_a_stranger_gets_a_named_error_or_a_sound_message(body: dict[str, Any]) -> None:
    """And a sound message can be merged, stored, read and merged again without a surprise."""
    try:
        message = codec.decode(put_together(body))
    except WireError:
        return
    replica = stocked()
    for _ in range(2):
        with suppress(ZavaError):
            replica.receive([TRAFFIC[0], message])
    for name in replica.parts.documents.collections:
        for document in replica.find(name, order_by=[(("stock_level",), "asc")]):
            assert isinstance(document["_id"], str)
        replica.digest(name)
        still_writable(replica, name)


def still_writable(replica: Replica, name: str) -> None:
    for document in replica.find(name):
        with replica.transaction() as tx:
            tx.update(name, document["_id"], {"touched": True})


NOT_MESSAGES: dict[str, bytes] = {
    "nothing": b"",
    "a page": b"<html></html>",
    "not Unicode": b"\xff\xfe",
    "a list": b"[]",
    "a number": b"7",
    "no kind": b"{}",
    "a kind we do not know": b'{"k":"party"}',
    "a kind that is no text": b'{"k":["ping"]}',
    "not a number": b'{"k":"ping","time":NaN}',
    "a number out of range": b'{"k":"ping","time":1e999}',
    "a huge number": b'{"k":"ping","time":' + b"9" * 5_000 + b"}",
    "very deep": b'{"k":' * 100_000,
    "half a character": b'{"k":"at","seq":1,"g":"\\ud800"}',
}


@pytest.mark.parametrize("line", NOT_MESSAGES.values(), ids=NOT_MESSAGES)
def test_what_is_no_message_is_named(line: bytes) -> None:
    with pytest.raises(MessageGarbage):
        codec.decode(line)


def test_a_hub_of_another_protocol_is_told_apart(traffic: list[Message]) -> None:
    body = json.loads(codec.encode(traffic[0]))
    with pytest.raises(VersionUnknown):
        codec.decode(json.dumps({**body, "v": 2}).encode())


CURSOR = Cursor(REPLICA, "Ana's handheld", "e" * 32, 12, DIGEST, "scope")


def test_a_cursor_comes_back() -> None:
    assert codec.decode_cursor(json.loads(codec.encode(CURSOR))) == CURSOR


@given(st.sampled_from(["v", "replica", "name", "epoch", "seq", "g", "scope"]), oddities)
def test_a_cursor_with_an_odd_part_is_named_or_sound(part: str, oddity: Any) -> None:
    body = {**json.loads(codec.encode(CURSOR)), part: oddity}
    with suppress(WireError):
        codec.encode(codec.decode_cursor(body))


def test_a_push_brings_the_very_bytes() -> None:
    replica = stocked(3)
    payloads = waiting_payloads(replica)
    for push in (
        Push(replica.id, tuple(payloads)),
        Push(replica.id, tuple(payloads), tuple("proof" for _ in payloads)),
        Push(REPLICA, ()),
    ):
        assert pushes.decode_push(pushes.encode_push(push)) == push


PUSHES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no replica": lambda body: {**body, "replica": None},
    "no batches": lambda body: {"v": body["v"], "replica": body["replica"]},
    "batches as one text": lambda body: {**body, "batches": "x"},
    "a batch that is no text": lambda body: {**body, "batches": [1]},
    "half a character": lambda body: {**body, "batches": ["\ud800"]},
    "proofs as one text": lambda body: {**body, "proofs": "x"},
    "proofs of some": lambda body: {**body, "proofs": ["x", "x"]},
}


@pytest.mark.parametrize("change", PUSHES.values(), ids=PUSHES)
def test_a_push_that_is_none_is_named(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    body = json.loads(pushes.encode_push(Push(REPLICA, (b"x",))))
    with pytest.raises(MessageGarbage):
        pushes.decode_push(json.dumps(change(body)).encode())
    with pytest.raises(VersionUnknown):
        pushes.decode_push(json.dumps({**body, "v": 3}).encode())


def test_the_answer_to_a_push_comes_back() -> None:
    for reply in (PushReply(12, NOON_MS), PushReply(0, NOON_MS, "token_expired")):
        assert pushes.decode_push_reply(pushes.encode_push_reply(reply)) == reply
    for odd in (b"{}", b'{"acked":-1,"time":1}', b'{"acked":1.5,"time":1}', b'{"acked":true}'):
        with pytest.raises(MessageGarbage):
            pushes.decode_push_reply(odd)


@given(st.binary(max_size=200))
def test_noise_gives_named_errors_and_nothing_else(noise: bytes) -> None:
    for reader in (codec.decode, pushes.decode_push, pushes.decode_push_reply):
        with suppress(WireError):
            reader(noise)


def test_a_cursor_names_whose_batches_are_held() -> None:
    cursor = replace(CURSOR, held=((REPLICA, 3),))
    assert codec.decode_cursor(json.loads(codec.encode(cursor))) == cursor
    assert b'"held"' not in codec.encode(CURSOR)
    body = {**json.loads(codec.encode(cursor)), "held": [[REPLICA, 3]] * (HELD_REPLICAS_MAX + 1)}
    with pytest.raises(MessageTooLarge):
        codec.decode_cursor(body)
