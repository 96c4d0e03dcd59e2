"""Every error has a stable code, one sentence and a remedy, and survives the wire."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync.errors import (
    BatchGap,
    DataError,
    HubBusy,
    HubFailed,
    HubUnreachable,
    PeerFull,
    PeerUnreachable,
    PermissionDenied,
    Rejection,
    ReplicaForked,
    SessionError,
    SnapshotTooOld,
    StorageError,
    TransactionError,
    TransactionOpen,
    WireError,
    ZavaError,
    from_json,
    leaves,
)
from sync.errors.config import ConfigError
from sync.errors.mongo import MongoFailed, MongoUnreachable, PositionLost

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"
OWN = [leaf for leaf in leaves() if leaf.__module__.startswith("sync.errors")]


def test_codes_are_unique_and_stable_in_form() -> None:
    codes = [leaf.code for leaf in OWN]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.code)
def test_each_error_tells_what_it_means_and_what_to_do(kind: type[ZavaError]) -> None:
    assert kind.__doc__
    assert kind.remedy.endswith(".") and kind.remedy != ZavaError.remedy
    families = DataError | TransactionError | StorageError | WireError | SessionError | Rejection
    assert issubclass(kind, families | ConfigError)


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.code)
def test_an_error_survives_the_wire(kind: type[ZavaError]) -> None:
    error = kind("What happened.")
    again = from_json(error.to_json())
    assert type(again) is kind
    assert again.to_json() == error.to_json()


@pytest.mark.parametrize("data", [None, [], {}, {"code": 5}, {"code": "new_in_2030"}, {"code": []}])
def test_an_answer_nobody_can_read_is_the_hubs_fault(data: object) -> None:
    assert isinstance(from_json(data), HubFailed)


def test_what_may_pass_by_itself_can_be_tried_again() -> None:
    retryable = {leaf for leaf in OWN if leaf.retryable}
    hub = {HubUnreachable, HubFailed, HubBusy, BatchGap, ReplicaForked}
    mongo = {MongoUnreachable, MongoFailed, PositionLost}
    assert retryable == hub | mongo | {PeerUnreachable, PeerFull, TransactionOpen, SnapshotTooOld}


def test_a_rejection_names_its_code() -> None:
    assert PermissionDenied("Not your store.").to_json() == {
        "code": "permission_denied",
        "message": "Not your store.",
        "remedy": "Ask a manager for access, or discard the change.",
        "retryable": False,
    }


def test_the_page_of_errors_has_every_code_with_its_remedy() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    for leaf in OWN:
        start = f"| `{leaf.code}` |"
        row = next((line for line in page.splitlines() if line.startswith(start)), "")
        assert leaf.remedy in row, leaf.code
