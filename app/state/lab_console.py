"""The console of one device of the lab: statements on its replica, and answers that stay true.

What a SELECT answers is followed until the next SELECT. Whatever else is run meanwhile is told
above it, so that one sees what a change does to the rows.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import flet as ft

from app.dql.answers import headline, is_plan
from app.dql.plans import PlanLine, plan_lines
from app.dql.rows import Rows, rows_of
from app.state.lab_draft import Draft
from app.state.notices import problem
from app.state.wake import Wake
from sync.query.errors import NotSupported, StatementError
from sync.query.prepared import prepared
from sync.query.syntax import ExplainSync, Select

if TYPE_CHECKING:
    from sync.local import Changes, Observer, Replica, Result

MARK_SECONDS: Final = 3.0
"""Long enough to find the row that changed, short enough for the next change to stand out."""
IDS_MAX: Final = 6
"""Of changed documents; the others are counted."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a statement did, how it would be carried out, or what is wrong with it."""

    head: str = ""
    notes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    plan: tuple[PlanLine, ...] = ()
    advice: tuple[str, ...] = ()
    """Statements that would make it faster."""
    marked: str = ""
    """The line of the statement with the place underlined."""
    remedy: str = ""
    code: str = ""
    """Of an error; empty where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a SELECT answered; ``live`` while it is followed."""

    statement: str
    rows: Rows
    live: bool
    news: str = ""
    """What changed just now."""


@ft.observable
@dataclass
class Console:
    """``shown`` is the answer of the last SELECT, ``told`` is about whatever was run after it."""

    replica: Callable[[], Replica]
    wake: Wake
    log: Callable[[str], object]
    """Hears what was changed."""
    draft: Any = None
    busy: bool = False
    told: Told | None = None
    shown: Shown | None = None
    _items: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _observer: Any = field(default=None, repr=False)
    _unmark: Callable[[], None] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.draft = Draft(self.replica)

    async def run(self) -> None:
        """Run the statement; what is wrong with it is told in its place."""
        text, args = self.draft.text.strip(), self.draft.args
        if not text or self.busy:
            return
        self.busy = True
        try:
            replica = self.replica()
            self.draft.remember(text)
            result, observer = await asyncio.to_thread(_carried_out, replica, text, args)
            if _is_a(Select, text):
                self._show(text, result, observer)
            elif _is_a(ExplainSync, text):
                self.told = _reasons(result)
            elif is_plan(result.items):
                self.told = _planned(result.items[0])
            else:
                self._tell(result)
        except Exception as error:
            self.told = wrong(error)
        finally:
            self.busy = False

    def as_json(self) -> str:
        """All rows of the answer."""
        return json.dumps(self._items, ensure_ascii=False, indent=2)

    def clear(self) -> None:
        """Take the answers away; the statement stays."""
        self.close()
        self.told = self.shown = None

    def close(self) -> None:
        """Stop following; the rows stay as they were last."""
        self._mark_no_more()
        if self._observer is not None:
            self._observer.cancel()
            self._observer = None
        if self.shown is not None:
            self.shown = replace(self.shown, live=False)

    def _show(self, text: str, result: Result, observer: Observer | None) -> None:
        self.close()
        self.told, self._observer = None, observer
        self._items = result.items if observer is None else observer.items
        news = " ".join(result.notes)
        self.shown = Shown(text, rows_of(self._items), observer is not None, news)
        if observer is not None:
            observer.on_wake(lambda: self.wake.soon(lambda: self._look(observer)))
            self._look(observer)

    def _tell(self, result: Result) -> None:
        self.told = _done(result)
        if result.items:  # what RETURNING or ADVISE gives
            self.close()
            self._items = result.items
            self.shown = Shown("", rows_of(result.items), live=False)
        if result.commit_id is not None:
            self.log(f"DQL: {self.told.head}")

    def _look(self, observer: Observer) -> None:
        """A commit may have changed the rows."""
        if observer is not self._observer or self.shown is None:
            return
        changes = observer.refresh()
        if not changes:
            return
        before, self._items = self._items, changes.items
        new = frozenset(each.after for each in changes.inserted if each.after is not None)
        was = {each.after: before[each.before] for each in changes.updated}
        self.shown = replace(self.shown, rows=rows_of(self._items, new, was), news=_news(changes))
        if self._unmark is not None:
            self._unmark()
        self._unmark = self.wake.later(MARK_SECONDS, self._mark_no_more)

    def _mark_no_more(self) -> None:
        if self._unmark is not None:
            self._unmark()
            self._unmark = None
        if self.shown is not None:
            self.shown = replace(self.shown, rows=self.shown.rows.without_marks(), news="")


def wrong(error: Exception) -> Told:
    """What is wrong with a statement, with the place underlined where there is one."""
    told = problem(error)
    marked = ""
    if isinstance(error, StatementError):
        _, _, marked = error.underlined().partition("\n")
    return Told(told.message, marked=marked, remedy=told.remedy, code=told.code)


def _carried_out(
    replica: Replica, text: str, args: dict[str, Any]
) -> tuple[Result, Observer | None]:
    """The answer, and who follows it: nobody if it is of what commits do not change."""
    result = replica.execute(text, args)
    if not _is_a(Select, text):
        return result, None
    try:
        return result, replica.register_observer(text, args)
    except NotSupported as error:
        notes = [*result.notes, f"Not live: {error}"]
        return replace(result, notes=notes), None


def _is_a(kind: type[Select | ExplainSync], text: str) -> bool:
    return isinstance(prepared(text).statement, kind)


def _reasons(result: Result) -> Told:
    """EXPLAIN SYNC: the most important reason, what to do about it, and the others."""
    first, *others = result.items
    notes = tuple(str(each["text"]) for each in others)
    return Told(str(first["text"]), notes, remedy=str(first["remedy"]))


def _planned(item: dict[str, Any]) -> Told:
    lines, advice = plan_lines(item["plan"]), tuple(map(str, item.get("advice", ())))
    notes = tuple(map(str, item.get("reasons", ())))
    return Told("How it is carried out", notes=notes, plan=lines, advice=advice)


def _done(result: Result) -> Told:
    if result.commit_id is None:
        head, *notes = result.notes or ["Done."]
        return Told(head, tuple(notes))
    ids = tuple(result.mutated_ids[:IDS_MAX])
    more = len(result.mutated_ids) - len(ids)
    return Told(
        headline(result), tuple(result.notes), (*ids, *([f"{more:,} more"] if more else []))
    )


def _news(changes: Changes) -> str:
    """`1 new, 2 changed, 1 gone`."""
    counts = (
        (len(changes.inserted), "new"),
        (len(changes.updated), "changed"),
        (len(changes.removed), "gone"),
        (len(changes.moved), "moved"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in counts if count)
