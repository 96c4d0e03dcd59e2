"""``config/connector.yaml``: how collections are mapped, which way they go, and how fast.

The form is that of Ditto's connector file, which is accepted as it is: its ``ditto`` block says
nothing to us, and variables that are not set matter only where their value is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from sync.config import Config, read_config
from sync.connector.rules import CollectionRule, CounterRule, Direction, IdMode, IdRule, Rules
from sync.connector.trial import HEARTBEATS
from sync.errors import Problem

NEVER_SYNCED: Final = frozenset({"product_embeddings"})
"""Too large for a device, and of no use there: they stay in MongoDB whatever the file says."""
BATCH_DOCUMENTS_MAX: Final = 1_000
"""A hub's batch has a cap on its bytes; this many documents of ordinary size stay under it."""
COUNTERS: Final = {"inventory": {"stock_level": "last_counted"}}
"""Where the file names no counters: two sales of one shelf must both count (C4)."""

_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,62}$"
_PATH = r"^[^.$\s]+(\.[^.$\s]+)*$"
Name = Annotated[str, Field(pattern=_NAME)]
FieldPath = Annotated[str, Field(pattern=_PATH)]
Rate = Annotated[int, Field(ge=1)]
BatchSize = Annotated[int, Field(ge=1, le=BATCH_DOCUMENTS_MAX)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IdMapping(_Strict):
    """How documents of the two sides are matched (M1)."""

    mode: IdMode = "match_ids"
    field: Name | None = None
    fields: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _fits_its_mode(self) -> IdMapping:
        wanted = {"match_ids": (False, False), "single_field": (True, False)}
        given = (self.field is not None, bool(self.fields))
        if given != wanted.get(self.mode, (False, True)):
            needs = {"match_ids": "no fields", "single_field": "`field`"}
            raise ValueError(f"the mode {self.mode} takes {needs.get(self.mode, '`fields`')}")
        if len(set(self.fields)) < len(self.fields):
            raise ValueError("a field stands twice in `fields`")
        return self

    @property
    def rule(self) -> IdRule:
        """The same as a plain value."""
        return IdRule(self.mode, (self.field,) if self.field else self.fields)


class Collection(_Strict):
    """One collection, which has the same name on both sides."""

    name: Name
    sync_enabled: bool = True
    id_mapping: IdMapping = IdMapping()
    direction: Direction = "both"
    initial_sync: bool | None = None
    counters: dict[FieldPath, FieldPath | None] | None = None
    hard_deletes: bool = False
    rate_limit_per_second: Rate | None = None
    batch_size: BatchSize | None = None

    @field_validator("counters", mode="before")
    @classmethod
    def _list_of_counters(cls, value: Any) -> Any:
        return dict.fromkeys(value) if isinstance(value, list) else value


class Retry(_Strict):
    """After how many failures in a row the connector is called stalled, and how its pauses grow.
    It goes on trying in any case."""

    max_retries: Annotated[int, Field(ge=1)] = 3
    backoff_multiplier: Annotated[float, Field(ge=1, le=10)] = 2


class Settings(_Strict):
    """What holds for every collection that says nothing else. Without a rate there is no limit."""

    initial_sync: bool = True
    rate_limit_per_second: Rate | None = None
    batch_size: BatchSize = 500
    retry_strategy: Retry = Retry()


class Mongodb(_Strict):
    """Where MongoDB is. The address may come from the command line instead."""

    connection_string: SecretStr | None = None
    database: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,63}$")] = "zava"


class ConnectorFile(_Strict):
    """The whole file."""

    connector_version: float = 1
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")] = "zava"
    mongodb: Mongodb = Mongodb()
    ditto: dict[str, Any] | None = None
    collections: tuple[Collection, ...]
    settings: Settings = Settings()

    @field_validator("connector_version")
    @classmethod
    def _is_known(cls, value: float) -> float:
        if value != 1:
            raise ValueError("this program reads version 1.0")
        return value


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast one collection may go in its initial sync: documents at once and a second."""

    batch_documents: int
    documents_per_second: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file comes to."""

    rules: Rules
    database: str
    limits: Mapping[str, Limits]
    failures_max: int
    pause_factor: float
    uri: SecretStr | None


def read_plan(path: Path, environment: Mapping[str, str]) -> Config[ConnectorFile]:
    """Read the file; ``ConfigError`` with every mistake in it."""
    config = read_config(path, ConnectorFile, environment=environment, unset_is_error=False)
    return checked(config)


def checked(config: Config[ConnectorFile]) -> Config[ConnectorFile]:
    """The file, if its collections are each named once and none is ours or never synced."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for at, each in enumerate(config.value.collections):
        place = ("collections", at, "name")
        if each.name in seen:
            problems.append(config.problem(place, f"{each.name} is named twice."))
        if each.name == HEARTBEATS:
            problems.append(config.problem(place, f"{HEARTBEATS} is the connector's own."))
        if each.name in NEVER_SYNCED and each.sync_enabled:
            message = f"{each.name} is never synced; say `sync_enabled: false`."
            problems.append(config.problem(place, message))
        seen.add(each.name)
    if not seen:
        problems.append(config.problem(("collections",), "There is no collection to sync."))
    if problems:
        raise config.invalid(problems)
    return config


def plan_of(file: ConnectorFile) -> Plan:
    """The file as plain values, defaults put in."""
    synced = [each for each in file.collections if each.sync_enabled]
    settings = file.settings
    uri = file.mongodb.connection_string
    return Plan(
        rules=Rules(file.name, {each.name: _rule(each, settings) for each in synced}),
        database=file.mongodb.database,
        limits={each.name: _limits(each, settings) for each in synced},
        failures_max=settings.retry_strategy.max_retries,
        pause_factor=settings.retry_strategy.backoff_multiplier,
        uri=None if uri is None or "${" in uri.get_secret_value() else uri,
    )


def _rule(each: Collection, settings: Settings) -> CollectionRule:
    counters = COUNTERS.get(each.name, {}) if each.counters is None else each.counters
    return CollectionRule(
        name=each.name,
        ids=each.id_mapping.rule,
        counters=tuple(CounterRule(_path(path), _maybe(by)) for path, by in counters.items()),
        direction=each.direction,
        initial_sync=settings.initial_sync if each.initial_sync is None else each.initial_sync,
        hard_deletes=each.hard_deletes,
    )


def _limits(each: Collection, settings: Settings) -> Limits:
    return Limits(
        each.batch_size or settings.batch_size,
        each.rate_limit_per_second or settings.rate_limit_per_second,
    )


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split("."))


def _maybe(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else _path(text)
