from collections.abc import Mapping

from sync.core.batch import Change
from sync.core.conflicts import Lost
from sync.core.losses import Losses
from sync.core.overwriting import Stored
from sync.core.packing import ReplicaOf, SiteOf
from sync.core.plans import Values
from sync.core.stamps import Stamp
from sync.core.state import Key

def sealed(doc_id: str, body: str | None, meta: str, ghost: str | None) -> str: ...
def opened(doc_id: str, body: str | None, stored: object, ghost: str | None) -> str | None: ...

class Splicing:
    def __init__(
        self,
        stamp: Stamp,
        site_of: SiteOf,
        replica_of: ReplicaOf,
        losses: Losses | None,
    ) -> None: ...
    def turn_to(self, stamp: Stamp, losses: Losses | None) -> None: ...
    def merged(
        self, body: str, meta: str, keys: tuple[Key, ...], values: Values
    ) -> tuple[str | None, str, list[Lost]] | None: ...
    def over(
        self, collection: str, rows: list[Stored], changes: Mapping[str, Change]
    ) -> tuple[list[str], list[str], list[str], list[int], list[Stored]]: ...
