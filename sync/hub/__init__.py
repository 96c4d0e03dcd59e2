"""The hub engine: who may, what is accepted, what each device gets. Knows no HTTP."""

from sync.hub.accounts import Account, Accounts
from sync.hub.engine import Hub
from sync.hub.explaining import explaining_of
from sync.peer.identity import Identity

__all__ = ["Account", "Accounts", "Hub", "Identity", "explaining_of"]
