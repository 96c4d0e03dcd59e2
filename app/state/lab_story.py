"""The scenario as the lab plays it: one visible step after the other, then what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from app import scenario
from app.domain.codes import location_text
from app.state.lab_bench import A, B

if TYPE_CHECKING:
    from app.scenario import Cast, Counted, Sold, Verdict
    from sync.local import Replica

STEP_SECONDS: Final = 0.55
"""Between two steps: long enough to see which device moved."""

Tone = Literal["plain", "ok", "bad"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the lab's log; ``who`` is a device's key, or empty for both."""

    who: str
    text: str
    tone: Tone = "plain"


@dataclass(slots=True)
class Story:
    """The steps that write, in order. The deeds are there once their step has run."""

    worker: Replica
    rep: Replica
    cast: Cast
    now: Callable[[], str]
    counted: Counted | None = None
    sold: Sold | None = None

    def steps(self) -> Iterator[Line]:
        """Makes each write when the next line is asked for, and tells it."""
        cast, worker, rep = self.cast, self.worker, self.rep
        self.counted = scenario.count_product(worker, cast, self.now())
        yield Line(A, f"Counted: was {self.counted.before}, now {self.counted.pieces}")
        to = scenario.move_product(worker, cast, self.now())
        yield Line(A, f"Moved to {location_text(to)}")
        scenario.write_note(worker, cast, scenario.WORKER_NOTE, self.now())
        yield Line(A, f"Note: “{scenario.WORKER_NOTE}”")
        self.sold = scenario.place_order(rep, cast, self.now())
        lines = len(self.sold.item_ids)
        yield Line(
            B, f"Order {self.sold.order_code}: {lines} lines, {self.sold.pieces} of this product"
        )
        scenario.write_note(rep, cast, scenario.REP_NOTE, self.now())
        yield Line(B, f"Note: “{scenario.REP_NOTE}”")
        scenario.edit_removed(rep, cast, self.now())
        yield Line(B, f"Note on the second place: “{scenario.EDITED_NOTE}”")
        scenario.remove_place(worker, cast, self.now())
        yield Line(A, "Removed the second place")

    def verdict(self) -> Verdict:
        """What came of it, on both devices. Takes a moment: run it in a thread."""
        assert self.counted is not None and self.sold is not None
        replicas = {"worker": self.worker, "rep": self.rep}
        return scenario.verify(replicas, self.cast, self.counted, self.sold)


def told(verdict: Verdict) -> Iterator[Line]:
    """The verdict of the scenario as lines of the log."""
    yield _line(verdict.converged, f"{verdict.comparison.documents:,} documents are the same", "")
    yield _line(verdict.stock.ok, f"Stock: {verdict.stock.explanation}", "")
    order = verdict.order
    yield _line(order.ok, f"Order {order.order_code} arrived whole, with all its lines", "")
    kept = f"Notes: “{verdict.note.kept}” stands, “{verdict.note.lost}” is kept in the history"
    yield _line(verdict.note.ok, kept, "The overwritten note is missing in the history")
    yield _line(
        verdict.removal.ok,
        "Removed meets edited: the place is gone, the edit is kept in the history",
        "The removal met an edit and nobody was told",
    )


def _line(ok: bool, good: str, bad: str) -> Line:
    return Line("", good if ok else bad or f"Not so: {good}", "ok" if ok else "bad")
