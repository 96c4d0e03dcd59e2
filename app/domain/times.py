"""Instants: ISO-8601 UTC strings with `Z` in documents, aware datetimes in calculations."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.errors import DomainError


def instant(value: str | datetime) -> datetime:
    """An aware UTC datetime from a document's string or any datetime (naive ones count as UTC).

    Raises `DomainError` (instant_invalid) for text that is not ISO-8601.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise DomainError(
                "instant_invalid",
                f"{value!r} is not a date and time.",
                "Write it like 2026-11-20T14:22:00Z.",
            ) from error
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def iso_z(value: str | datetime) -> str:
    """The form documents hold, to the second: `2026-11-20T14:22:00Z`."""
    return f"{instant(value).isoformat()[:19]}Z"
