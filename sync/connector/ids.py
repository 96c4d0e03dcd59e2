"""Which document of MongoDB is which document of the hub (M1).

A key is the text of a MongoDB ``_id``, exact and of its type, so that it can be kept and looked up
in SQLite: ``s`` text, ``i`` a number, ``o`` an ObjectId, ``x`` anything else in extended JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import Int64, ObjectId

from sync.connector.events import Bson
from sync.connector.rules import IdRule
from sync.connector.values import MISSING, of_opaque, opaque, to_json
from sync.core.values import canonical, check_id
from sync.errors import InvalidValue
from sync.ids import Document


class Unidentified(Exception):
    """A document that cannot be named on the other side; ``reason`` is that of its letter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def key_text(key: Bson) -> str:
    """An ``_id`` as text."""
    if type(key) is str:
        return "s" + key
    if type(key) is ObjectId:
        return "o" + str(key)
    if type(key) is int or type(key) is Int64:
        return f"i{int(key)}"
    return "x" + opaque({"_id": key})


def key_of(text: str) -> Bson:
    """The inverse of ``key_text``; an Int64 comes back as a number, which MongoDB finds as well."""
    kind, rest = text[0], text[1:]
    match kind:
        case "s":
            return rest
        case "o":
            return ObjectId(rest)
        case "i":
            return int(rest)
        case _:
            return of_opaque(rest)["_id"]


def key_name(text: str) -> str:
    """What a person looks for in MongoDB; empty for no key."""
    return str(to_json(key_of(text))) if text else ""


def hub_id(rule: IdRule, key: Bson, document: Mapping[str, Any]) -> str:
    """The id a document of MongoDB has in the hub, before it is bound; ``Unidentified``.

    Of several fields it is the JSON list of their texts, in the order of the rule.
    """
    if rule.mode == "match_ids":
        return _checked(_text(key, "_id"))
    texts = [_text(document.get(name, MISSING), name) for name in rule.fields]
    return _checked(texts[0] if rule.mode == "single_field" else canonical(texts))


def key_for(rule: IdRule, doc_id: str, document: Document) -> Bson:
    """The ``_id`` with which a document of the hub is inserted: derived from its id alone, so that
    a second try is recognised. ``Unidentified`` where MongoDB would name it otherwise."""
    if rule.mode != "match_ids" and hub_id(rule, doc_id, document) != doc_id:
        raise Unidentified("id_mismatch", f"{doc_id} is not what {_names(rule)} of it say.")
    return doc_id


def _text(value: Bson, name: str) -> str:
    shown = to_json(value) if value is not MISSING else None
    if shown is None:
        raise Unidentified("id_missing", f"The document has no {name} to be known by.")
    if isinstance(shown, list):
        raise Unidentified("id_unusable", f"{name} is an array, which names no document.")
    if isinstance(shown, dict):
        return opaque(value)  # the order of its fields is part of it
    return shown if isinstance(shown, str) else canonical(shown)


def _names(rule: IdRule) -> str:
    return " and ".join(rule.fields)


def _checked(text: str) -> str:
    try:
        check_id(text)
    except InvalidValue as error:
        raise Unidentified("id_unusable", str(error)) from error
    return text
