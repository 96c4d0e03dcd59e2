"""Who is signed in on a device, as the hub told it and as the device remembers it offline."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sync.errors import MessageGarbage
from sync.ids import UserId
from sync.peer.rules import Rules

SIGNED_IN_NOTE = "signed_in"
"""The note in which the replica file keeps who is signed in."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The person of this device. ``expires_at_ms`` is when sending needs a new sign-in."""

    user_id: UserId
    login: str
    display_name: str
    role: str
    store_id: str
    store_code: str
    device_code: str
    device_name: str
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A profile with the token that proves it; the token is opaque to the device (S7)."""

    profile: Profile
    token: str
    hub_id: str
    hub_key: str = ""
    """The hub's public key, which verifies the tokens of others; empty before there was one."""
    rules: dict[str, Any] | None = None
    """Who may what, by the hub (``Rules.to_json``), for judging peers; None from older hubs."""

    def to_json(self) -> dict[str, Any]:
        """What the replica file keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> SignedIn:
        """The inverse of ``to_json``."""
        known = {name: data[name] for name in _OWN_FIELDS if name in data}
        return cls(Profile(**data["profile"]), **known)


def from_answer(answer: dict[str, Any]) -> tuple[SignedIn, int]:
    """Who signed in, and hub time in milliseconds; ``MessageGarbage`` if it is no such answer."""
    try:
        user, device = answer["user"], answer["device"]
        texts = {name: _text(user[name]) for name in _USER_FIELDS}
        profile = Profile(
            **texts,
            device_code=_text(device["device_code"]),
            device_name=_text(device["device_name"]),
            expires_at_ms=int(answer["expires_at_ms"]),
        )
        hub_key = _text(answer.get("hub_key", ""))
        token, hub_id = _text(answer["token"]), _text(answer["hub_id"])
        if (rules := answer.get("rules")) is not None:
            Rules.from_json(rules)
        signed_in = SignedIn(profile, token, hub_id, hub_key, rules)
        return signed_in, int(answer["hub_time_ms"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MessageGarbage("The answer to the sign-in is not what a hub sends.") from error


_OWN_FIELDS = ("token", "hub_id", "hub_key", "rules")
_USER_FIELDS = ("user_id", "login", "display_name", "role", "store_id", "store_code")


def _text(value: object) -> Any:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value
