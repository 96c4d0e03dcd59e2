"""The hub as a whole: signing in, device codes, who is let in, what it tells of itself."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from sync.errors import SignInRefused, SignInRequired
from sync.hub import Account, Hub
from tests.helpers.clocks import HOUR_MS, FixedClock
from tests.helpers.hub_process import PASSWORD, open_hub
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BEN, CLEO, DARA, PEOPLE

GENERATED = {"W1", "R1", "M1"}


@pytest.fixture
def hub() -> Hub:
    return stocked_hub()


def replica_id(number: int) -> str:
    return f"{number:032x}"


def code_of(hub: Hub, account: Account, number: int) -> str:
    """The device code somebody gets on the device with this number."""
    answer = hub.sign_in(account.login, PASSWORD, replica_id(number), "Handheld")  # type: ignore[arg-type]
    return str(answer["device"]["device_code"])


def test_signing_in_makes_the_device_a_document_of_its_store(hub: Hub) -> None:
    hub.sign_in("Ana ", PASSWORD, replica_id(1), "  Ana's handheld  ")  # type: ignore[arg-type]
    assert hub.replica.get("devices", replica_id(1)) == {
        "_id": replica_id(1),
        "device_id": replica_id(1),
        "device_name": "Ana's handheld",
        "device_code": "A1",
        "codes": {"store_seattle": "A1"},
        "user_id": "user_ana",
        "store_id": "store_seattle",
        "last_seen": "2026-11-22T12:00:00Z",
        "deleted": False,
    }


def test_a_wrong_password_registers_nothing(hub: Hub) -> None:
    with pytest.raises(SignInRefused):
        hub.sign_in("ana", "guess", replica_id(1), "Handheld")  # type: ignore[arg-type]
    assert hub.replica.get("devices", replica_id(1)) is None


class TestDeviceCodes:
    """They make order codes unique: in one store no two devices ever have the same."""

    def test_those_in_the_generated_data_are_taken(self, hub: Hub) -> None:
        codes = [code_of(hub, ANA, number) for number in range(1, 24 * 9 + 5)]
        assert len(set(codes)) == len(codes)
        assert not GENERATED & set(codes)
        assert codes[:3] == ["A1", "A2", "A3"]
        assert codes[-1].startswith(("A", "B"))
        assert all("I" not in code and "O" not in code for code in codes)

    def test_a_device_keeps_its_code(self, hub: Hub) -> None:
        first = code_of(hub, ANA, 1)
        code_of(hub, BEN, 2)
        assert code_of(hub, ANA, 1) == first
        assert code_of(hub, BEN, 1) == first

    def test_stores_count_on_their_own(self, hub: Hub) -> None:
        assert code_of(hub, ANA, 1) == "A1"
        assert code_of(hub, DARA, 2) == "A1"

    def test_a_device_that_changes_stores_takes_no_code_of_another(self, hub: Hub) -> None:
        assert code_of(hub, ANA, 1) == "A1"
        assert code_of(hub, DARA, 2) == "A1"
        assert code_of(hub, DARA, 1) != "A1"

    def test_a_code_that_was_left_behind_is_not_given_again(self, hub: Hub) -> None:
        """Its orders are still about, and the device may return with more of them."""
        left = code_of(hub, ANA, 1)
        code_of(hub, DARA, 1)
        assert code_of(hub, BEN, 2) != left
        assert code_of(hub, ANA, 1) == left


class TestWhoIsLetIn:
    def test_another_persons_device_is_refused(self, hub: Hub) -> None:
        ana = Line.signed_in(hub, ANA, open_replica(seed=1_001))
        intruder = Line(hub, BEN, ana.replica)
        for attempt in (intruder.push, intruder.pull):
            with pytest.raises(SignInRequired):
                attempt()

    def test_the_last_one_who_signed_in_owns_the_device(self, hub: Hub) -> None:
        ana = Line.signed_in(hub, ANA, open_replica(seed=1_001))
        cleo = Line.signed_in(hub, CLEO, ana.replica)
        cleo.sync()
        with pytest.raises(SignInRequired):
            ana.push()

    def test_a_device_nobody_knows_registers_as_it_reads(self, hub: Hub) -> None:
        """It had to take a new replica id (C8) and its person is still signed in."""
        ana = Line.signed_in(hub, ANA, open_replica(seed=1_001))
        ana.pull()
        ana.replica.reissue()
        ana.pull()
        device = hub.replica.get("devices", ana.replica.id)
        assert device is not None
        assert device["user_id"] == "user_ana"
        assert device["device_code"] not in {"A1", *GENERATED}


def test_tokens_outlive_a_restart_of_the_hub(tmp_path: Path) -> None:
    clock = FixedClock()
    with closing(open_hub(tmp_path / "hub.db", PEOPLE, clock)) as hub:
        token = hub.sign_in("ana", PASSWORD, replica_id(1), "Handheld")["token"]  # type: ignore[arg-type]
        hub_id, epoch = hub.hub_id, hub.epoch
    clock.move(HOUR_MS)
    with closing(open_hub(tmp_path / "hub.db", (), clock, seed=101)) as hub:
        assert hub.hub_id == hub_id
        assert hub.epoch != epoch
        assert hub.tokens.verify(token) == ANA.identity


def test_it_tells_how_much_it_holds(hub: Hub) -> None:
    status = hub.status()
    assert status["accounts"] == len(PEOPLE)
    assert status["documents"]["inventory"] == 5
    assert status["seq"] == hub.replica.identity.seq
    assert status["conflicts"] == 0
    assert not any("password" in str(value) for value in status.values())
