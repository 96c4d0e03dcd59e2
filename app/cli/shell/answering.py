"""What a replica's file cannot answer by itself, without starting the hub or the device of it."""

from __future__ import annotations

from sync.ids import Document
from sync.local import Replica


def equip(replica: Replica) -> None:
    """Have EXPLAIN SYNC answered as the hub, or the device, would. What answers for a hub is loaded
    when it is asked for."""
    if not replica.identity.is_hub:
        from sync.device.explaining import explain_on

        replica.system.explain_sync = explain_on(replica)
        return

    def explain_sync(collection: str, doc_id: str, on: str | None) -> list[Document]:
        from sync.hub import explaining_of

        return explaining_of(replica)(collection, doc_id, on)

    replica.system.explain_sync = explain_sync
