"""Devices and persons as people call them: names for ids, and ids for names."""

from __future__ import annotations

from sync.hub.accounts import Account, Accounts
from sync.ids import Document
from sync.local.names import THE_HUB
from sync.local.oplog import HUB_USER
from sync.local.replica import Replica

_CALLED_BY = ("_id", "device_code", "device_name")
_ID_SHOWN_CHARACTERS = 8


class People:
    """Looks names up in the hub's documents and accounts."""

    def __init__(self, replica: Replica, accounts: Accounts) -> None:
        self._replica = replica
        self._accounts = accounts

    def device(self, replica_id: str) -> str:
        """What a device is called."""
        if replica_id == self._replica.id:
            return THE_HUB
        return self.name_of(self._replica.get("devices", replica_id) or {"_id": replica_id})

    def person(self, user_id: str) -> str:
        """What a person is called."""
        if user_id == HUB_USER:
            return THE_HUB
        account = self.account(user_id)
        return user_id if account is None else account.display_name

    def account(self, user_id: str) -> Account | None:
        """The open account of a person, None where it is closed or gone."""
        account = self._accounts.of_user(user_id)
        return None if account is None or account.disabled else account

    def devices(self) -> list[Document]:
        """Every device that somebody has signed in on, by id."""
        return self._replica.find("devices")

    def called(self, name: str) -> list[Document] | None:
        """The devices that are meant by an id, a code or a name, or by a person's id or login; None
        where nobody is called so."""
        devices = self.devices()
        for field in _CALLED_BY:
            if found := [each for each in devices if each.get(field) == name]:
                return found
        account = self._accounts.find(name) or self._accounts.of_user(name)
        if account is None:
            return None
        return [each for each in devices if each.get("user_id") == account.user_id]

    @staticmethod
    def name_of(device: Document) -> str:
        """What a device is called, by its document."""
        return str(device.get("device_name") or str(device["_id"])[:_ID_SHOWN_CHARACTERS])
