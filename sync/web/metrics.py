"""What Prometheus reads at ``GET /v1/metrics``: the hub's counts, and those of a connector in it.

Written by hand (docs/decisions/0006-metrics.md): a page of plain lines, made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
STATES: Final = (
    *("starting", "initial_sync", "running", "reconnecting", "stalled", "failed", "stopped"),
)

Kind = Literal["counter", "gauge"]
Samples = Iterable[tuple[Mapping[str, str], float]]


class Family(NamedTuple):
    """One metric: its samples by their labels."""

    name: str
    kind: Kind
    help: str
    samples: Samples


def page(status: Mapping[str, Any]) -> str:
    """The text for what ``Hub.status`` tells."""
    families = [*_hub(status), *_connector(status.get("connector"))]
    return "".join(_lines(family) for family in families)


def _lines(family: Family) -> str:
    head = f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n"
    return head + "".join(
        f"{family.name}{_labels(labels)} {value:g}\n" for labels, value in family.samples
    )


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _one(value: float) -> Samples:
    return [({}, value)]


def _by(label: str, counts: Mapping[str, float]) -> Samples:
    return [({label: name}, value) for name, value in sorted(counts.items())]


def _hub(status: Mapping[str, Any]) -> Iterator[Family]:
    yield Family("zava_hub_commits", "gauge", "Commits in the hub's log.", _one(status["seq"]))
    help_ = "Documents of the hub."
    yield Family("zava_hub_documents", "gauge", help_, _by("collection", status["documents"]))
    yield Family("zava_hub_accounts", "gauge", "Accounts.", _one(status["accounts"]))
    help_ = "Losing writes in the history."
    yield Family("zava_hub_conflicts", "gauge", help_, _one(status["conflicts"]))


def _connector(told: Mapping[str, Any] | None) -> Iterator[Family]:
    if told is None:
        return
    name = "zava_connector_"
    state = {each: float(each == told["state"]) for each in STATES}
    yield Family(name + "state", "gauge", "1 for the present state.", _by("state", state))
    for field, words in _SECONDS.items():
        if told[f"{field}_ms"] is not None:
            value = told[f"{field}_ms"] / 1_000
            yield Family(f"{name}{words[0]}_seconds", "gauge", words[1], _one(value))
    for field, words in _COUNTS.items():
        kind: Kind = "counter" if words[0].endswith("_total") else "gauge"
        yield Family(name + words[0], kind, words[1], _one(told[field]))
    outcomes = _by("outcome", told["writes"])
    yield Family(name + "writes_total", "counter", "Writes to MongoDB by outcome.", outcomes)
    letters = _by("reason", told["dead_letters"])
    yield Family(name + "dead_letters", "gauge", "Documents waiting for a person.", letters)
    yield from _initial_sync(name, told["collections"])


def _initial_sync(name: str, collections: Mapping[str, Mapping[str, Any]]) -> Iterator[Family]:
    under_way = {n: each for n, each in collections.items() if "total" in each}
    done = {n: each["done"] for n, each in under_way.items()}
    total = {n: each["total"] for n, each in under_way.items()}
    help_ = "Documents that an initial sync under way has read, and will have."
    yield Family(name + "initial_sync_done", "gauge", help_, _by("collection", done))
    yield Family(name + "initial_sync_documents", "gauge", help_, _by("collection", total))


_SECONDS: Final = {
    "lag": ("heartbeat_lag", "How long the newest heartbeat took through MongoDB and back."),
    "heard": ("heartbeat_age", "How long ago that was."),
}
_COUNTS: Final = {
    "events": ("events_total", "Changes of MongoDB taken in."),
    "images": ("documents_read_total", "Documents taken in by initial syncs."),
    "skipped": ("events_skipped_total", "Changes that could not be taken; see the log."),
    "reconnects": ("failures_total", "What failed and was tried again."),
    "under_way": ("writes_under_way", "Writes that MongoDB's stream has still to show."),
    "due": ("documents_due", "Documents to be compared with MongoDB."),
}
