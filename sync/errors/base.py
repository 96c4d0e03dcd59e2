"""The root of the tree of errors, and its five branches."""

from __future__ import annotations

from typing import ClassVar


class ZavaError(Exception):
    """Base of all errors raised on purpose. ``str(error)`` is one sentence about the cause."""

    code: ClassVar[str] = "zava_error"
    remedy: ClassVar[str] = "Report this with the log file."
    retryable: ClassVar[bool] = False

    def to_json(self) -> dict[str, str | bool]:
        """The form in which an error crosses the wire and reaches ``--json`` output."""
        return {
            "code": self.code,
            "message": str(self),
            "remedy": self.remedy,
            "retryable": self.retryable,
        }


class DataError(ZavaError):
    """The caller's value cannot be stored; nothing was changed."""


class StorageError(ZavaError):
    """The database file cannot be used. The file itself is left as it was found."""


class WireError(ZavaError):
    """Bytes from a peer are not what they claim to be. Nothing of the message was applied."""


class SessionError(ZavaError):
    """The other side cannot or will not serve us. Local work goes on."""


class Rejection(ZavaError):
    """The hub refuses one batch. It goes to quarantine with this reason, never away (S3)."""
