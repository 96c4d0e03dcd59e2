"""What can be wrong with a subscription.

ZavaError
└── SubscriptionError      the device's other subscriptions go on
    ├── SubscriptionInvalid   subscription_invalid
    ├── SubscriptionRefused   subscription_refused
    └── SubscriptionsTooMany  subscriptions_too_many
"""

from __future__ import annotations

from sync.errors import ZavaError


class SubscriptionError(ZavaError):
    """A device asks for documents in a way that cannot be answered; its others go on (S4)."""


class SubscriptionInvalid(SubscriptionError):
    """Not a ``SELECT *`` of whole documents of one collection, or its arguments do not fit."""

    code = "subscription_invalid"
    remedy = "Ask for whole documents: SELECT * FROM one collection, and WHERE if you like."


class SubscriptionRefused(SubscriptionError):
    """The collection is unknown to the hub, or closed to this person."""

    code = "subscription_refused"
    remedy = "Cancel it, or ask a manager for access; the other subscriptions go on."


class SubscriptionsTooMany(SubscriptionError):
    """A device has ``SUBSCRIPTIONS_MAX`` subscriptions already."""

    code = "subscriptions_too_many"
    remedy = "Cancel one first, or ask for more with one subscription."
