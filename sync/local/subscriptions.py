"""What this device asks the hub for, kept in its file, and what the hub made of each (S4)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sync.errors import ZavaError, from_json
from sync.local.database import Database
from sync.query.subscription import SUBSCRIPTIONS_MAX, Subscription
from sync.query.subscription_errors import SubscriptionsTooMany
from sync.wire.messages import Sized

SUBSCRIPTION_DOCUMENTS_WARN = 50_000
"""More than a phone should carry: minutes of first download, and a file of some hundred MB."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One subscription of this device. ``documents`` and ``size_bytes`` are what it selected when
    the hub last changed over to it, None before that; ``error`` is why the hub selects nothing."""

    subscription: Subscription
    documents: int | None
    size_bytes: int | None
    error: ZavaError | None

    @property
    def is_large(self) -> bool:
        """Whether it asks for more than ``SUBSCRIPTION_DOCUMENTS_WARN`` documents."""
        return (self.documents or 0) > SUBSCRIPTION_DOCUMENTS_WARN


class Subscriptions:
    """The table of a device's subscriptions; its scope is their union."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Registered]:
        """Every subscription, in a stable order."""
        sql = "SELECT text, args, documents, bytes, error FROM subscriptions ORDER BY text, args"
        return [self._registered(*row) for row in self._database.peek(sql)]

    def asked(self) -> tuple[Subscription, ...]:
        """What to ask for."""
        return tuple(each.subscription for each in self.all())

    def add(self, subscription: Subscription) -> None:
        """Ask for more; the same again changes nothing. ``SubscriptionsTooMany``."""
        asked = self.asked()
        if subscription in asked:
            return
        if len(asked) >= SUBSCRIPTIONS_MAX:
            raise SubscriptionsTooMany(f"This device has {len(asked)} subscriptions already.")
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO subscriptions(text, args) VALUES(?, ?)",
                (subscription.text, subscription.args),
            )

    def cancel(self, subscription: Subscription) -> bool:
        """Ask for it no more; whether it was asked for."""
        if subscription not in self.asked():
            return False
        with self._database.transaction():
            self._database.execute(
                "DELETE FROM subscriptions WHERE text = ? AND args = ?",
                (subscription.text, subscription.args),
            )
        return True

    def sized(self, asked: Sequence[Subscription], sizes: Sequence[Sized]) -> None:
        """Keep what the hub said of the subscriptions it was asked for, in their order."""
        rows = [
            (
                *(each.documents, each.size_bytes),
                None if each.error is None else json.dumps(each.error.to_json()),
                *(subscription.text, subscription.args),
            )
            for subscription, each in zip(asked, sizes, strict=False)
        ]
        with self._database.transaction():
            self._database.executemany(
                "UPDATE subscriptions SET documents = ?, bytes = ?, error = ?"
                " WHERE text = ? AND args = ?",
                rows,
            )

    def _registered(
        self, text: str, args: str, documents: int | None, size_bytes: int | None, error: str | None
    ) -> Registered:
        problem = None if error is None else from_json(self._database.parse(error))
        return Registered(Subscription(text, args), documents, size_bytes, problem)
