"""What a device asks to hold: a DQL ``SELECT`` and its arguments, as kept and sent (S4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sync.core.values import canonical, check_value
from sync.errors import InvalidValue
from sync.ids import Json
from sync.query.subscription_errors import SubscriptionInvalid

SUBSCRIPTIONS_MAX = 32
"""Of one device: each change of a document is judged by every one of its collection."""
SUBSCRIPTION_BYTES_MAX = 2_048
"""Of one subscription with its arguments; all of them travel whenever a pull is opened."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A DQL ``SELECT`` and its arguments as canonical JSON. Equal ones ask for the same."""

    text: str
    args: str

    @classmethod
    def of(cls, text: str, args: Mapping[str, Json] | None = None) -> Subscription:
        """``SubscriptionInvalid`` where it is too long or its arguments are no JSON."""
        if not isinstance(text, str):
            raise SubscriptionInvalid("A subscription is text.")
        try:
            values = dict(args or {})
            check_value(text)
            check_value(values)
            made = cls(text, canonical(values))
        except InvalidValue as error:
            raise SubscriptionInvalid(f"It cannot be sent: {error}") from error
        size = len(made.text.encode()) + len(made.args.encode())
        if size > SUBSCRIPTION_BYTES_MAX:
            raise SubscriptionInvalid(f"It has {size} bytes, over {SUBSCRIPTION_BYTES_MAX}.")
        return made

    @property
    def arguments(self) -> dict[str, Json]:
        """The arguments by name."""
        values: dict[str, Json] = json.loads(self.args)
        return values
