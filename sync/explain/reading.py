"""How far a device has read the hub's log, as a reason: it has the document, or what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from sync.explain.facts import Facts, Reading
from sync.explain.reasons import Reason, reason
from sync.explain.words import moment


def of_reading(reading: Reading, facts: Facts) -> Iterator[Reason]:
    """For a document within the device's scope: exactly one reason, none where it is deleted and
    the device has heard of that."""
    who, heard = facts.device, reading.heard_ms
    behind = max(0, reading.head - max(reading.read, reading.sent))
    figures = {**asdict(reading), "behind": behind}
    needs = f"and the document needs {reading.newest}"
    if heard is None:
        yield reason("never_read", f"{who} has never asked the hub for anything.", figures)
        return
    last = f"last heard of at {moment(heard)}"
    if reading.read >= reading.newest:
        if facts.deleted is None:
            text = f"{who} has it: it has read up to {reading.read}, {last}, {needs}."
            yield reason("on_device", text, figures)
    elif reading.sent >= reading.newest:
        text = f"It went out to {who}, which has not said yet that it has read it, {last}."
        yield reason("on_its_way", text, figures)
    elif not reading.read:
        text = f"{who} is in the middle of its first download, {last}."
        yield reason("device_loading", text, figures)
    elif reading.read >= reading.first:
        text = f"{who} holds an older form: it has read up to {reading.read}, {last}, {needs}."
        yield reason("older_form", text, figures)
    else:
        text = (
            f"{who} is behind: it has read up to {reading.read} of {reading.head}, {last}, {needs}."
        )
        yield reason("device_behind", text, figures)
