"""A person as the hub knows them: what a token names, and whom rights are asked for (S7, S3)."""

from __future__ import annotations

from dataclasses import dataclass

from sync.ids import UserId


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the hub knows them. ``store_id`` is empty for somebody without a store."""

    user_id: UserId
    login: str
    display_name: str
    role: str
    store_id: str
    store_code: str
