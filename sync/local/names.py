"""What persons and devices are called, as far as a device's own file says."""

from __future__ import annotations

from sync.local.oplog import HUB_USER
from sync.local.parts import Parts

HERE = "this device"
THE_HUB = "the hub"


class Names:
    """Looks names up in the documents of one replica."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def device(self, replica: str, user_id: str) -> str:
        """What the device is called on which somebody wrote."""
        if user_id == HUB_USER:
            return THE_HUB
        if replica == self._parts.identity.replica:
            return HERE
        device = self._parts.documents.get("devices", replica) or {}
        return str(device.get("device_name") or "another device")

    def person(self, user_id: str) -> str:
        """What a person is called."""
        if user_id == HUB_USER:
            return THE_HUB
        person = self._parts.documents.get("users", user_id) or {}
        return str(person.get("display_name") or user_id)
