"""A rule about reading, as a person is told of it. Pure."""

from __future__ import annotations

import re

from sync.core.values import canonical
from sync.ids import Collection, Document
from sync.peer.identity import Identity
from sync.peer.rules import NEVER, Rules, person
from sync.query.evaluate import MISSING, lookup
from sync.query.nodes import Path

_USER = re.compile(r"\$user\.(\w+)")


def rule_words(rules: Rules, identity: Identity, collection: str, document: Document) -> str:
    """What somebody may read of a collection, and what stands in the document instead."""
    name = Collection(collection)
    grant, readable = rules.grants.get(identity.role, {}).get(name), rules.access(identity).read
    if grant is None or grant.read == NEVER or name not in readable:
        return f"a {identity.role} may not read {collection}"
    values = person(identity)
    rule = _USER.sub(lambda found: canonical(values.get(found[1])), grant.read)
    here = ", ".join(_field(document, path) for path in sorted(readable[name].paths))
    return f"a {identity.role} may read {collection} only where {rule}; here {here}"


def _field(document: Document, path: Path) -> str:
    found = lookup(document, path)
    return f"{'.'.join(path)} is {'missing' if found is MISSING else canonical(found)}"
