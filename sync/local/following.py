"""Whoever follows documents: woken after a commit that may concern it, once until it looks (L5).

The work of looking is done on the reader's side, so a slow reader never delays a commit.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from sync.local.commits import Before, Changed, Commit
from sync.local.database import Database
from sync.local.documents import Documents

_log = logging.getLogger(__name__)


class Follower(Protocol):
    """What is told of every commit that changed one of its collections."""

    @property
    def collections(self) -> frozenset[str]:
        """The collections it follows."""
        ...

    @property
    def judges(self) -> bool:
        """Whether it looks at changed documents before it wakes anybody."""
        ...

    def note(self, commit: Commit) -> None:
        """A commit changed something in these collections; on the committing thread."""
        ...

    def cancel(self) -> None:
        """Stop following."""
        ...


class Following:
    """The followers of one replica."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._documents = documents
        self._before = Before(documents)
        database.on_rollback(self._before.forget)
        self._database = database
        self._lock = threading.Lock()
        self._followers: tuple[Follower, ...] = ()

    def add(self, follower: Follower) -> None:
        """Tell this one too. To miss nothing, add it under the lock of the database under which it
        looked first."""
        with self._database.lock, self._lock:
            self._set((*self._followers, follower))

    def remove(self, follower: Follower) -> None:
        """Tell it no more; nothing if it was not told before."""
        with self._database.lock, self._lock:
            self._set(tuple(each for each in self._followers if each is not follower))

    def committed(self, changed: Changed) -> None:
        """A commit is done: tell those whom it may concern."""
        if not self._followers:
            self._before.forget()
            return
        changed = {collection: ids for collection, ids in changed.items() if ids}
        commit = Commit(changed, self._before, self._documents)
        for follower in self._followers:
            if not follower.collections.isdisjoint(changed):
                follower.note(commit)

    def close(self) -> None:
        """The replica closes."""
        for follower in self._followers:
            follower.cancel()

    def _set(self, followers: tuple[Follower, ...]) -> None:
        self._followers = followers
        self._before.watch(frozenset(c for f in followers if f.judges for c in f.collections))


class Wakers:
    """Callbacks that say: there is something to look at. Called once until ``looked``."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], object]] = []
        self._is_awake = False

    def add(self, callback: Callable[[], object]) -> None:
        """Call this one too, on the committing thread."""
        self._callbacks.append(callback)

    def clear(self) -> None:
        """Call nobody any more."""
        self._callbacks.clear()

    def wake(self) -> None:
        """There is something to look at."""
        with self._lock:
            was_awake, self._is_awake = self._is_awake, True
        if not was_awake:
            for callback in list(self._callbacks):
                try:
                    callback()
                except Exception:  # the commit stands; its writer must not believe otherwise
                    _log.exception("A reader of %s could not be woken.", self._name)

    def looked(self) -> None:
        """Somebody is about to look: what comes from here on is worth another call."""
        with self._lock:
            self._is_awake = False
