"""The reasons there are, most important first, each with what a person can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sync.ids import Document

REMEDIES: Final[Mapping[str, str]] = {
    "device_unknown": "Name a device by its id, its code or its name, or a person by login.",
    "person_without_device": "Sign the person in on a device, then ask again.",
    "account_closed": "Open the account again, or sign somebody else in on the device.",
    "document_unknown": "Check the id; if it was made on a device, ask on that device.",
    "clock_ahead": "Set the clock of the device right, then send the change again.",
    "too_large": "Shorten what the change adds, then send it again.",
    "refused": "Correct the change and send it again, or give it up.",
    "not_sent": "Let the device reach the hub; the change goes out by itself.",
    "not_judged": "Wait for the hub's answer, which comes with the device's next pull.",
    "held_from_peer": "Let the device that made the change meet the hub.",
    "initial_only": "Change the document, and the change travels.",
    "deleted": "Insert the document again if it should not have been deleted.",
    "permission": "Ask for the right to read it, or look at it as somebody who may.",
    "left_scope": "Change the field back if the document belongs here.",
    "scope_changed": "Subscribe to it again, or sign in as the person who may read it.",
    "subscription_refused": "Correct the subscription, or cancel it.",
    "not_asked": "Register a subscription that selects it.",
    "evicted": "Change the document elsewhere, or register another subscription that selects it.",
    "never_read": "Start the device and let it reach the hub.",
    "device_loading": "Let the device finish its download.",
    "device_behind": "Let the device reach the hub; it reads on from where it stopped.",
    "older_form": "Let the device reach the hub; it reads on from where it stopped.",
    "not_here": "Ask the hub, which knows what every device may hold: `zava explain-sync`.",
    "soft_deleted": "Set deleted to false to have it on the screens again.",
    "on_its_way": "Wait until the device reads on; nothing is wrong.",
    "on_device": "Nothing is to be done.",
}
"""By code, in the order in which reasons are told. docs/explain-sync.md says when each is given."""

_PLACE: Final = {code: place for place, code in enumerate(REMEDIES)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a stable code, a sentence for people, the figures in it for programs."""

    code: str
    text: str
    remedy: str
    details: Document = field(default_factory=dict)


def reason(
    code: str, text: str, details: Document | None = None, *, remedy: str | None = None
) -> Reason:
    """A reason with the remedy of its code, or a better one."""
    return Reason(code, text, remedy or REMEDIES[code], details or {})


def in_order(found: list[Reason]) -> tuple[Reason, ...]:
    """Most important first."""
    return tuple(sorted(found, key=lambda each: _PLACE[each.code]))
