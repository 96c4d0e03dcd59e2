"""Unique indexes on the fields that make an id (M1): without one, two documents could be one."""

from __future__ import annotations

from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from sync.connector.connection import translated
from sync.connector.rules import CollectionRule, Rules
from sync.connector.stream import Change
from sync.errors.mongo import MappingIndexMissing


async def check_indexes(database: AsyncDatabase[Change], rules: Rules) -> None:
    """``MappingIndexMissing``, which names every index to create and how."""
    missing = [
        _command(rule)
        for rule in rules.collections.values()
        if rule.ids.fields and not await _is_unique(database, rule)
    ]
    if missing:
        raise MappingIndexMissing(f"Unique indexes are missing: {'; '.join(missing)}.")


async def create_indexes(database: AsyncDatabase[Change], rules: Rules) -> None:
    """Create those that are missing."""
    for rule in rules.collections.values():
        if rule.ids.fields and not await _is_unique(database, rule):
            with translated():
                keys = [(field, 1) for field in rule.ids.fields]
                await database[rule.name].create_index(keys, unique=True)


async def _is_unique(database: AsyncDatabase[Change], rule: CollectionRule) -> bool:
    with translated():
        indexes = await database[rule.name].index_information()
    wanted = set(rule.ids.fields)
    return any(_covers(index, wanted) for index in indexes.values())


def _covers(index: Any, wanted: set[str]) -> bool:
    fields = {name for name, _ in index["key"]}
    is_whole = not {"partialFilterExpression", "sparse"} & {n for n, v in index.items() if v}
    return fields == wanted and is_whole and (bool(index.get("unique")) or fields == {"_id"})


def _command(rule: CollectionRule) -> str:
    keys = ", ".join(f"{field}: 1" for field in rule.ids.fields)
    return f"db.{rule.name}.createIndex({{{keys}}}, {{unique: true}})"
