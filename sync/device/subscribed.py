"""One subscription in the hands of whoever registered it."""

from __future__ import annotations

from collections.abc import Callable

from sync.local.subscriptions import Registered, Subscriptions
from sync.query.subscription import Subscription


class Subscribed:
    """Stays registered until it is cancelled, in whatever process."""

    def __init__(
        self, subscription: Subscription, registry: Subscriptions, changed: Callable[[], None]
    ) -> None:
        self.subscription = subscription
        self._registry = registry
        self._changed = changed

    @property
    def state(self) -> Registered | None:
        """How much it is, and whether the hub answers it; None when it is cancelled."""
        found = (r for r in self._registry.all() if r.subscription == self.subscription)
        return next(found, None)

    def cancel(self) -> None:
        """Ask for it no more; what no other subscription asks for leaves this device."""
        if self._registry.cancel(self.subscription):
            self._changed()
