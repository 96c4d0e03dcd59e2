"""What a permission file says, judged: names, conditions, and whether it locks people out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sync.config import Config, Loc
from sync.errors import Problem, ZavaError
from sync.hub.collections import COLLECTIONS, EVERYWHERE, FIELDS, ROLES
from sync.hub.lockouts import lockouts
from sync.hub.permission_file import PermissionFile
from sync.ids import Collection
from sync.peer.rules import ALWAYS, NEVER, USER_FIELDS
from sync.query.errors import StatementError, nearest, quoted
from sync.query.prepared import Prepared, prepared
from sync.query.selecting import rule_of, selection_of
from sync.query.subscription import Subscription
from sync.query.syntax import Field, Select
from sync.query.walk import nodes_in
from sync.query.words import name_text


def check(config: Config[PermissionFile], *, force: bool = False) -> None:
    """Raise ``ConfigInvalid`` with every mistake in a file."""
    file = config.value
    problems = list(_Checks(config).mistakes())
    if not problems and not (force or file.force):
        way = "`force: true` in the file, or --force, takes it."
        problems = [config.problem(at, f"{said}; {way}", key=True) for at, said in lockouts(file)]
    if problems:
        raise config.invalid(problems)


class _Checks:
    def __init__(self, config: Config[PermissionFile]) -> None:
        self._config = config
        self._file = config.value

    def mistakes(self) -> Iterator[Problem]:
        """Names that nobody knows and conditions that are none."""
        for name in (*self._file.collections, *self._file.fields):
            if name not in COLLECTIONS:
                top = "collections" if name in self._file.collections else "fields"
                yield self._unknown("collection", name, COLLECTIONS, (top, name), key=True)
        for i, role in enumerate(self._file.everything.roles):
            if role not in ROLES:
                yield self._unknown("role", role, ROLES, ("everything", "roles", i))
        for name, entries in self._file.collections.items():
            if name in COLLECTIONS:
                yield from self._in_collection(Collection(name), len(entries))
        for role, texts in self._file.defaults.items():
            if role not in ROLES:
                yield self._unknown("role", role, ROLES, ("defaults", role), key=True)
            for i, text in enumerate(texts):
                yield from self._default(text, ("defaults", role, i))

    def _in_collection(self, name: Collection, count: int) -> Iterator[Problem]:
        seen: set[str] = set()
        for i in range(count):
            entry, loc = self._file.collections[name][i], ("collections", name, i)
            for n, role in enumerate(entry.roles):
                if role not in ROLES:
                    yield self._unknown("role", role, ROLES, (*loc, "roles", n))
                elif role in seen:
                    said = f"The role {quoted(role)} has its rights in {name} already."
                    yield self._config.problem((*loc, "roles", n), said)
                seen.add(role)
            for key in ("read", "write", "create", "delete"):
                yield from self._condition(name, getattr(entry, key), (*loc, key))
            update = entry.update
            if update is not None:
                for key in ("where", "before", "after"):
                    yield from self._condition(name, getattr(update, key), (*loc, "update", key))
                for key in ("fields", "never"):
                    for n, field in enumerate(getattr(update, key) or ()):
                        yield from self._field(name, field, (*loc, "update", key, n))

    def _default(self, text: str, loc: Loc) -> Iterator[Problem]:
        try:
            made = prepared(text)
            found = list(self._names(made, 0, text, loc))
            if not found:
                somebody = dict.fromkeys(USER_FIELDS, "-")
                selection_of(Subscription.of(text), user=somebody)
            yield from found
        except StatementError as error:
            yield self._config.within(loc, text, error.at, str(error))
        except ZavaError as error:
            yield self._config.within(loc, text, None, str(error))

    def _condition(self, name: Collection, text: str | None, loc: Loc) -> Iterator[Problem]:
        if text is None or text in (ALWAYS, NEVER):
            return
        before = f"SELECT * FROM {name_text(name)} WHERE "
        try:
            made = prepared(before + text)
            found = list(self._names(made, len(before), text, loc))
            if not found:
                rule_of(name, text, dict.fromkeys(USER_FIELDS, "-"))
            yield from found
        except StatementError as error:
            at = None if error.at is None else error.at - len(before)
            yield self._config.within(loc, text, at, str(error))
        except ZavaError as error:
            yield self._config.within(loc, text, None, str(error))

    def _names(self, made: Prepared, skip: int, text: str, loc: Loc) -> Iterator[Problem]:
        for parameter in made.parameters.values():
            prefix, _, wanted = parameter.name.rpartition(".")
            at = parameter.at - skip
            if prefix != "$user":
                said = f"A rule has no {quoted(':' + parameter.name)}: values come from `$user.…`."
                yield self._config.within(loc, text, at, said)
            elif wanted not in USER_FIELDS:
                said = _said("value of a person", f"$user.{wanted}", _USER_VALUES)
                yield self._config.within(loc, text, at, said)
        aliases: dict[str, str] = {}
        for source in made.sources:
            aliases[source.alias] = source.name
            if source.name not in COLLECTIONS:
                said = _said("collection", source.name, COLLECTIONS)
                yield self._config.within(loc, text, source.at - skip, said)
        where = made.statement.where if isinstance(made.statement, Select) else None
        for node in nodes_in(where):
            if isinstance(node, Field) and node.path and node.alias in aliases:
                known = self._known(aliases[node.alias])
                if known and node.path[0] not in known:
                    said = _said(f"field of {aliases[node.alias]}", node.path[0], known)
                    yield self._config.within(loc, text, node.at - skip, said)

    def _field(self, name: Collection, field: str, loc: Loc) -> Iterator[Problem]:
        known = self._known(name)
        if field.split(".", 1)[0] not in known:
            yield self._unknown(f"field of {name}", field, known, loc)

    def _known(self, collection: str) -> tuple[str, ...]:
        own = FIELDS.get(collection, ())
        return (*own, *self._file.fields.get(collection, ()), *EVERYWHERE) if own else ()

    def _unknown(
        self, what: str, name: str, known: Iterable[str], loc: Loc, *, key: bool = False
    ) -> Problem:
        return self._config.problem(loc, _said(what, name, known), key=key)


_USER_VALUES = tuple(f"$user.{name}" for name in USER_FIELDS)


def _said(what: str, name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    hint = f"did you mean {quoted(near)}?" if near else f"known are {', '.join(known)}."
    return f"There is no {what} {quoted(name)}; {hint}"
