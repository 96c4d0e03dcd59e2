"""Facts about one document and one device in, reasons out. Nothing else draws these conclusions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from sync.explain.facts import Facts, Left, Reading, Refused
from sync.explain.reading import of_reading
from sync.explain.reasons import Reason, in_order, reason
from sync.explain.words import many, moment, span, value

_SPECIAL = {"clock_ahead": "clock_ahead", "change_too_large": "too_large"}
"""Refusals that are reasons of their own."""


def reasons(facts: Facts) -> tuple[Reason, ...]:
    """Why the document is or is not on the device, most important first; at least one."""
    if facts.lacks:
        return (_lacking(facts),)
    found = [*_of_document(facts), *_of_work(facts)]
    if facts.at_hub:
        found += _at_hub(facts) if facts.known else []
    else:
        found += _on_device(facts)
        if not facts.here and not any(each.code in _ANSWERS for each in found):
            found.append(_not_here(facts))
    return in_order(found)


_ANSWERS = {
    *("refused", "clock_ahead", "too_large", "deleted", "evicted", "left_scope", "not_asked"),
    "subscription_refused",
}
"""Of a device that does not hold the document: what says why."""


def _lacking(facts: Facts) -> Reason:
    if facts.lacks == "device":
        text = f"Nobody here is called {facts.device!r:.60}: no device and no person."
        return reason("device_unknown", text)
    who = f"{facts.device!r:.60} has not" if facts.device else "Nobody has"
    return reason("person_without_device", f"{who} signed in on any device.")


def _of_document(facts: Facts) -> Iterator[Reason]:
    """What is to be said of the document wherever it is asked for."""
    if facts.at_hub and not facts.known:
        text = f"The hub has never had {facts.collection} {facts.doc_id}."
        yield reason("document_unknown", text)
    for each in facts.refused:
        yield _refusal(each)
    if (by := facts.deleted) is not None:
        text = f"{by.person} deleted it on {by.device} at {moment(by.at_ms)}."
        yield reason("deleted", text, asdict(by))
    if (by := facts.soft_deleted) is not None and facts.deleted is None:
        text = f"{by.person} marked it as deleted on {by.device} at {moment(by.at_ms)}."
        yield reason("soft_deleted", text, asdict(by))


def _refusal(each: Refused) -> Reason:
    text = f"The hub refused change {each.n} of {each.device}: {each.message}"
    figures = {"n": each.n, "at_ms": each.at_ms, "error": each.code, "device": each.device}
    return reason(_SPECIAL.get(each.code, "refused"), text, figures, remedy=each.remedy)


def _of_work(facts: Facts) -> Iterator[Reason]:
    """Work of the device that the hub has not settled, own or of a peer."""
    waiting = facts.waiting
    if waiting is not None:
        what, since = many(waiting.batches, "change"), facts.now_ms - waiting.since_ms
        figures = {"batches": waiting.batches, "since_ms": waiting.since_ms, "waited_ms": since}
        if waiting.sent:
            text = f"The hub holds {what} of it, sent {span(since)} ago, and has not judged yet."
            yield reason("not_judged", text, figures)
        else:
            because, why = _delay(facts)
            text = f"{what} of it waited {span(since)} so far to be sent: {why}."
            yield reason("not_sent", text, {"because": because} | figures)
    if (held := facts.held) is not None:
        what = "It" if held.whole else "Its newest change"
        at = moment(held.since_ms)
        text = f"{what} came from {held.person} on {held.device} at {at}, not from the hub."
        yield reason("held_from_peer", text, asdict(held))
    if facts.initial:
        text = "It was made here by an INITIAL statement, and such documents are sent to nobody."
        yield reason("initial_only", text)


def _delay(facts: Facts) -> tuple[str, str]:
    """Why nothing goes out now, as a code and in words."""
    session = facts.session
    if session is None:
        return "unknown", "this file does not say why"
    if not session.signed_in:
        return "signed_out", "nobody is signed in"
    if session.token_ended:
        return "sign_in_ended", "the sign-in has run out"
    if not session.online:
        return "offline", "the network switch is off"
    if session.retry_at_ms > facts.now_ms:
        problem = f" after {session.problem}" if session.problem else ""
        return "backing_off", f"the next try{problem} is at {moment(session.retry_at_ms)}"
    if session.problem:
        return session.problem, f"the last try ended with {session.problem}"
    return "its_turn", "it goes out with the next push"


def _at_hub(facts: Facts) -> Iterator[Reason]:
    """What only the hub knows: rights, scope, and how far the device has read."""
    rights, asked, reading = facts.rights, facts.asked, facts.reading
    if rights is not None and not rights.person:
        yield reason("account_closed", f"The person of {facts.device} has no open account.")
        return
    if rights is not None and not rights.may_read:
        text = f"{rights.person} is a {rights.role}, and {rights.rule}."
        yield reason("permission", text, {"person": rights.person, "role": rights.role})
    yield from _subscriptions(facts)
    inside = (rights is None or rights.may_read) and (asked is None or asked.selects is not False)
    if not inside and facts.left is not None:
        yield _left(facts.left)
    elif not inside and facts.former is not None:
        yield _former(facts)
    if reading is None:
        return
    if inside:
        yield from of_reading(reading, facts)
    elif facts.left is not None and reading.first <= reading.read < reading.newest:
        yield _older(reading, facts)


def _subscriptions(facts: Facts) -> Iterator[Reason]:
    asked = facts.asked
    if asked is None:
        return
    for statement, why in asked.refused:
        text = f"The hub does not answer the subscription {statement!r}: {why}"
        yield reason("subscription_refused", text, {"subscription": statement})
    nothing = not asked.among if asked.selects is None else not asked.selects
    if asked.total and nothing:
        would = f"SELECT * FROM {facts.collection} WHERE _id = {value(facts.doc_id)}"
        count, name = len(asked.among) or "none", facts.collection
        text = f"Of its {many(asked.total, 'subscription')}, {count} over {name}, none selects it."
        remedy = f"Register a subscription that selects it, such as {would}."
        figures = {"subscriptions": list(asked.among), "would": would}
        yield reason("not_asked", text, figures, remedy=remedy)


def _left(left: Left) -> Reason:
    by = left.by
    what = " of ".join(each for each in (left.field, left.of) if each)
    text = f"It left the device's scope at {moment(by.at_ms)}: {by.person} changed {what}"
    text += f" from {value(left.before)} to {value(left.after)} on {by.device}."
    return reason("left_scope", text, asdict(left))


def _former(facts: Facts) -> Reason:
    assert facts.former is not None
    change, gone = facts.former.change, facts.former.gone
    what = {
        "person": "another person signed in, or has other rights now",
        "day": "the day moved on and the subscription looks at the date",
        "subscriptions": f"the subscription {gone!r} was cancelled" if gone else "it asks for less",
    }[change]
    text = f"An earlier scope of the device held it, but {what}."
    return reason("scope_changed", text, {"change": change})


def _older(reading: Reading, facts: Facts) -> Reason:
    text = f"{facts.device} still holds the form it had before, and has read up to {reading.read}."
    return reason("older_form", text, asdict(reading))


def _on_device(facts: Facts) -> Iterator[Reason]:
    """What a device knows of itself."""
    if facts.here:
        yield reason("on_device", "It is on this device.")
        return
    if facts.evicted_ms is not None:
        text = f"It was evicted on this device at {moment(facts.evicted_ms)}."
        yield reason("evicted", text, {"at_ms": facts.evicted_ms})
    if facts.retracted_ms is not None:
        text = f"The hub took it out of this device's scope at {moment(facts.retracted_ms)}."
        remedy = "Ask the hub what has changed: `zava explain-sync`."
        yield reason("left_scope", text, {"at_ms": facts.retracted_ms}, remedy=remedy)
    yield from _subscriptions(facts)


def _not_here(facts: Facts) -> Reason:
    """Why a device lacks a document of which its file says nothing."""
    session = facts.session
    since = None if session is None else session.last_synced_ms
    if session is not None and session.loading:
        return reason("device_loading", "This device is in the middle of its first download.")
    if session is not None and not (session.is_well and since is not None):
        because, why = _delay(facts)
        last = "has never agreed" if since is None else f"agreed at {moment(since)}"
        text = f"This device {last} with the hub" + (f"; {why}." if because != "its_turn" else ".")
        return reason("device_behind", text, {"last_synced_ms": since})
    text = f"This device has no {facts.collection} {facts.doc_id}, and does not know why."
    told = f"zava explain-sync {facts.collection} {facts.doc_id} --device {facts.replica}"
    return reason("not_here", text, remedy=f"Ask the hub: `{told}`.")
