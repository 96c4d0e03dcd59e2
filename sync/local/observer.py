"""Observers: an answer that is kept true, told as a difference whenever a commit changed it (L5).

A callback is called for one difference at a time. What is committed while it runs, or before it is
ready for more, is merged into the next one: a slow callback sees fewer states, and never old ones.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol, TypeAlias

from sync.ids import Document
from sync.local.commits import Commit
from sync.local.courier import on_this_loop
from sync.local.following import Following, Wakers
from sync.query.difference import Changes, Keyed, difference
from sync.query.projecting import copied

_log = logging.getLogger(__name__)

Deliver: TypeAlias = Callable[[Callable[[], None]], object]
"""Has a task run soon: later on this thread, on another one, or on an event loop."""


class Answer(Protocol):
    """What an observer keeps true."""

    @property
    def collections(self) -> frozenset[str]:
        """The collections it reads."""
        ...

    @property
    def judges(self) -> bool:
        """Whether it looks at changed documents before it says that a commit concerns it."""
        ...

    def note(self, commit: Commit) -> bool:
        """A commit was made; whether it may change the answer. Called without the lock."""
        ...

    def rows(self) -> Sequence[Keyed]:
        """The rows as the data is now, pairs that stayed the same as the same objects."""
        ...


class Observer:
    """Made by ``Replica.register_observer``; ``cancel`` it when nobody looks any more.

    Without a callback it is read: by ``async for``, or by ``refresh`` after it woke somebody."""

    def __init__(self, answer: Answer, following: Following, lock: threading.RLock) -> None:
        """``lock`` is the database's: under it, no commit comes between two looks."""
        self._answer = answer
        self.collections = answer.collections
        self.judges = answer.judges
        self._following = following
        self._lock = lock
        self._rows: Sequence[Keyed] = answer.rows()
        self._wakers = Wakers(", ".join(sorted(answer.collections)))
        self._telling: Telling | None = None
        self._ended: list[Callable[[], object]] = []
        self.is_cancelled = False
        """Whether it has ended: cancelled, or its replica is closed."""

    @property
    def items(self) -> list[Document]:
        """The rows as of the last look; copies."""
        return [copied(row) for _, row in self._rows]

    def tell(
        self, callback: Callable[[Changes], object], deliver: Deliver, *, paced: bool = False
    ) -> None:
        """Have ``callback`` called with everything now, then with each difference."""
        self._telling = Telling(self, callback, deliver, paced=paced)
        self.on_wake(self._telling.due)
        self._telling.due()

    def signal_next(self) -> None:
        """A paced callback is ready for the next difference; may be called from any thread."""
        if self._telling is not None:
            self._telling.ready()

    def on_wake(self, callback: Callable[[], object]) -> None:
        """Have ``callback`` called, on the committing thread, once until the next ``refresh``."""
        self._wakers.add(callback)

    def refresh(self) -> Changes:
        """Look again, and return what changed since the last look."""
        with self._lock:
            old = self._rows
            if not self.is_cancelled:
                self._wakers.looked()
                self._rows = self._answer.rows()
            return difference(old, self._rows)

    def first(self) -> Changes:
        """Look, and return everything there is as inserted: what a reader begins with."""
        with self._lock:
            self.refresh()
            return difference((), self._rows)

    def note(self, commit: Commit) -> None:
        """A commit changed one of its collections. Called by the replica."""
        if self._answer.note(commit):
            self._wakers.wake()

    def cancel(self) -> None:
        """End it: no callback begins after this, and ``async for`` ends."""
        if not self.is_cancelled:
            self.is_cancelled = True
            self._following.remove(self)
            self._wakers.clear()
            for ended in self._ended:
                ended()

    async def __aiter__(self) -> AsyncIterator[Changes]:
        """Each difference when it is asked for, the first one everything; ends with ``cancel``."""
        soon, woken = on_this_loop(), asyncio.Event()
        assert soon is not None
        self._ended.append(lambda: soon(woken.set))
        self.on_wake(self._ended[-1])
        yield self.first()
        while not self.is_cancelled:
            await woken.wait()
            woken.clear()
            changes = self.refresh()
            if changes:
                yield changes


class Telling:
    """Calls one callback with the differences of one observer, never two at a time."""

    def __init__(
        self,
        observer: Observer,
        callback: Callable[[Changes], object],
        deliver: Deliver,
        *,
        paced: bool,
    ) -> None:
        self._observer = observer
        self._callback = callback
        self._deliver = deliver
        self._paced = paced
        self._lock = threading.Lock()
        self._is_first = True
        self._is_busy = False
        self._is_due = False

    def due(self) -> None:
        """There is something to tell."""
        with self._lock:
            self._is_due = True
        self._go_on()

    def ready(self) -> None:
        """The callback is ready for the next difference."""
        with self._lock:
            self._is_busy = False
        self._go_on()

    def _go_on(self) -> None:
        with self._lock:
            if self._is_busy or not self._is_due:
                return
            self._is_busy, self._is_due = True, False
        self._deliver(self._tell)

    def _tell(self) -> None:
        is_waiting = False
        try:
            is_waiting = self._told() and self._paced
        except Exception:  # whoever committed must not suffer, and the next difference may succeed
            _log.exception("An observer of %s failed.", ", ".join(self._observer.collections))
        if not is_waiting:
            self.ready()

    def _told(self) -> bool:
        """Whether there was a difference to tell."""
        changes = self._observer.first() if self._is_first else self._observer.refresh()
        if self._observer.is_cancelled or not (changes or self._is_first):
            return False
        self._is_first = False
        self._callback(changes)
        return True
