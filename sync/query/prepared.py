"""A statement made ready once and run many times: parsed, bound, and its parameters known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sync.ids import Json
from sync.query.binding import Binder
from sync.query.collection_names import check_known
from sync.query.errors import (
    ParameterInvalid,
    ParameterMissing,
    ParameterUnused,
    StatementInvalid,
    nearest,
    quoted,
)
from sync.query.expressions import Parameter
from sync.query.parser import parse
from sync.query.syntax import Source, Statement
from sync.query.words import parameter_text

# An application has a few dozen statements; the rest is room for a shell.
PREPARED_STATEMENTS_MAX: Final = 256
# Larger statements carry their data with them and hardly come twice.
PREPARED_CHARS_MAX: Final = 4_096


@dataclass(frozen=True, slots=True)
class Prepared:
    """A bound statement. Its ``sources`` are the collections that have to be there. Of its
    ``parameters``, ``counts`` stand after LIMIT or OFFSET, and
    ``listed`` alone in the parentheses of ``IN (…)``."""

    text: str
    statement: Statement
    sources: tuple[Source, ...]
    parameters: Mapping[str, Parameter]
    counts: frozenset[str]
    listed: frozenset[str]


def prepared(text: str) -> Prepared:
    """The statement parsed and bound, from memory where it was before. Raises ``StatementError``.

    Whether its collections are known and its parameters given is another question:
    ``check_collections``, ``check_arguments``."""
    return _remembered(text) if len(text) <= PREPARED_CHARS_MAX else _prepare(text)


def check_collections(statement: Prepared, known: Collection[str]) -> None:
    """Raise ``UnknownCollection`` unless the statement's collections are among the ``known``."""
    check_known(statement.sources, known, statement.text)


def check_arguments(statement: Prepared, args: Mapping[str, Json]) -> None:
    """Raise ``ParameterMissing``, ``ParameterUnused``, ``ParameterInvalid`` or, of a list in
    ``IN (:list)``, ``StatementInvalid`` unless the values fit the statement."""
    for name, parameter in statement.parameters.items():
        if name not in args:
            raise _missing(statement, parameter, args)
    if len(args) > len(statement.parameters):
        raise _unused(statement, next(name for name in args if name not in statement.parameters))
    for name in statement.counts:
        value = args[name]
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            message = "LIMIT and OFFSET take a whole number from 0."
            raise ParameterInvalid(message, statement.text, statement.parameters[name].at)
    for name in statement.listed:
        if isinstance(args[name], list | tuple):
            message = f"IN (:{name}) looks for the list itself; to look in it, write IN :{name}."
            raise StatementInvalid(message, statement.text, statement.parameters[name].at)


def _prepare(text: str) -> Prepared:
    binder = Binder(text)
    statement = binder.statement(parse(text))
    counts, listed = frozenset(binder.counts), frozenset(binder.listed)
    return Prepared(text, statement, tuple(binder.sources), binder.parameters, counts, listed)


_remembered = lru_cache(PREPARED_STATEMENTS_MAX)(_prepare)


def _missing(
    statement: Prepared, parameter: Parameter, args: Mapping[str, Json]
) -> ParameterMissing:
    near = nearest(parameter.name, [each for each in args if each not in statement.parameters])
    message = f"There is no value for {quoted(parameter_text(parameter.name))}"
    message += f"; is {quoted(near)} meant for it?" if near else "."
    return ParameterMissing(message, statement.text, parameter.at, nearest=near)


def _unused(statement: Prepared, name: str) -> ParameterUnused:
    known = statement.parameters
    message = f"The statement has no {quoted(':' + name)}"
    message += f", only {', '.join(f':{each}' for each in known)}." if known else "."
    return ParameterUnused(message, statement.text, nearest=nearest(name, known))
