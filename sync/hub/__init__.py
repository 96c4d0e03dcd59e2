"""The hub engine: who may, what is accepted, what each device gets. Knows no HTTP."""

from sync.hub.accounts import Account, Accounts
from sync.hub.engine import Hub
from sync.hub.tracing import trace_file
from sync.peer.identity import Identity

__all__ = ["Account", "Accounts", "Hub", "Identity", "trace_file"]
