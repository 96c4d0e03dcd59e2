"""The pill and the sheet say where a device stands, in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.state.sync_status import Pill, SyncView, pill, sentence
from sync.device import SyncStatus
from tests.helpers.flet_device import NOW_MS, StandInDevice, StillClock

DONE = SyncStatus(state="up_to_date", reachable=True, last_synced_ms=NOW_MS - 120_000)
OFF = SyncStatus(state="offline", online=False)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (DONE, Pill("ok", "Up to date", "2 min ago")),
        (replace(DONE, state="syncing", waiting=12), Pill("busy", "Syncing 12")),
        (replace(DONE, waiting=1), Pill("busy", "Syncing 1")),
        (replace(DONE, state="syncing"), Pill("busy", "Syncing")),
        (replace(DONE, state="syncing", loaded=17, expected=50), Pill("busy", "Loading 34 %")),
        (OFF, Pill("off", "Offline")),
        (replace(OFF, waiting=3), Pill("off", "Offline · 3 waiting")),
        (replace(DONE, state="needs_you", quarantined=1), Pill("alert", "1 needs you")),
        (replace(OFF, state="needs_you", quarantined=2, waiting=4), Pill("alert", "2 need you")),
        (replace(DONE, state="needs_you"), Pill("alert", "Needs you")),
    ],
)
def test_the_pill_has_four_states_and_always_counts(status: SyncStatus, shown: Pill) -> None:
    assert pill(status, NOW_MS) == shown


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (DONE, "Everything is saved here and synced."),
        (replace(OFF, waiting=1), "1 change saved here. It goes out by itself"),
        (replace(OFF, waiting=3), "3 changes saved here. They go out by themselves"),
        (OFF, "You switched the network off for this app."),
        (replace(OFF, online=True), "The hub cannot be reached."),
        (replace(DONE, waiting=2), "Sending 2 changes."),
        (replace(DONE, state="syncing"), "Fetching what others changed."),
        (replace(DONE, loaded=17, expected=50), "17 of 50"),
        (replace(DONE, state="needs_you", quarantined=1), "1 change was not accepted."),
        (replace(DONE, state="needs_you"), "Your sign-in needs attention."),
    ],
)
def test_the_sheet_says_it_in_a_sentence(status: SyncStatus, words: str) -> None:
    assert words in sentence(status)


def test_the_view_follows_the_device_until_it_is_closed(wake, replica) -> None:
    device = StandInDevice(replica)
    view = SyncView(device, StillClock(), wake)  # type: ignore[arg-type]
    told: list[str] = []
    view.follow(lambda: told.append(view.status.state))
    device.become(state="offline", waiting=2)
    assert (view.pill.text, told) == ("Offline · 2 waiting", ["offline"])
    view.close()
    device.become(state="up_to_date")
    assert told == ["offline"]
    assert device.followers == []


def test_the_switch_and_sync_now_reach_the_device(wake, replica) -> None:
    device = StandInDevice(replica)
    view = SyncView(device, StillClock(), wake)  # type: ignore[arg-type]
    view.set_online(False)
    assert device.online is False
    assert view.sync_now().message == "The network switch is off."
    assert device.calls == ["sync_now"]


def test_ages_are_drawn_anew_as_time_passes(wake, replica) -> None:
    clock = StillClock()
    view = SyncView(StandInDevice(replica), clock, wake)  # type: ignore[arg-type]
    clock.ms += 3_600_000
    wake.waiting.pop()()
    assert (view.minute, view.last_synced) == (1, "1 h ago")
