"""``replica.transaction()``: one durable batch over several collections (L2, C7)."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TypeAlias

from sync.ids import UserId
from sync.local.parts import Parts
from sync.local.statements import Statements
from sync.local.transaction import Transaction

Changed: TypeAlias = dict[str, set[str]]


class Writing:
    """A transaction that is about to be. An exception in the block undoes all of it.

    ``with`` keeps every other writer of this file waiting, what comes from the hub included.
    ``async with`` keeps only other transactions waiting, and no event loop: what the hub sends
    meanwhile is merged, and counts as not known to this transaction (C5).
    """

    def __init__(
        self,
        parts: Parts,
        statements: Statements,
        author: UserId,
        committed: Callable[[Changed], None],
    ) -> None:
        self._parts = parts
        self._statements = statements
        self._author = author
        self._committed = committed
        self._tx: Transaction | None = None
        self._database = parts.database.transaction()

    def __enter__(self) -> Transaction:
        self._parts.turns.take()
        try:
            self._database.__enter__()
        except BaseException:
            self._parts.turns.give()
            raise
        return self._begin()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        changed: Changed | None = None
        try:
            if error is None:
                changed = self._opened.commit()
        except BaseException as failed:
            self._database.__exit__(type(failed), failed, failed.__traceback__)
            raise
        else:
            self._database.__exit__(kind, error, trace)
        finally:
            self._parts.turns.give()
        if changed is not None:
            self._committed(changed)

    async def __aenter__(self) -> Transaction:
        await self._parts.turns.take_async()
        try:
            with self._parts.database.lock:
                tx = self._begin()
                tx.share()
                return tx
        except BaseException:
            self._parts.turns.give()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is not None:
                return
            with self._parts.database.transaction():
                self._opened.refresh()
                changed = self._opened.commit()
        finally:
            self._parts.turns.give()
        self._committed(changed)

    def _begin(self) -> Transaction:
        self._tx = Transaction(self._parts, self._author, self._statements)
        return self._tx

    @property
    def _opened(self) -> Transaction:
        assert self._tx is not None, "the transaction has begun"
        return self._tx
