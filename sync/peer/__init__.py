"""Two devices without a hub exchange what both may hold (S7). ``docs/peer.md`` is the tour."""

from sync.peer.identity import Identity
from sync.peer.rights import Rights, RightsOf
from sync.peer.session import Credentials, PeerSession
from sync.peer.tokens import HubKey

__all__ = ["Credentials", "HubKey", "Identity", "PeerSession", "Rights", "RightsOf"]
