"""One configuration file: its text, its model, and where everything in it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from sync.config.environment import expand
from sync.config.mistakes import mistakes
from sync.config.tree import Loc, Place, Tree, tree_of
from sync.errors import ConfigInvalid, ConfigUnreadable, Problem

CONFIG_BYTES_MAX: Final = 256 * 1_024
"""A thousand times a usual one; a larger file is not the one that was meant."""
PROBLEMS_MAX: Final = 20
"""More at once nobody reads; the rest shows when these are gone."""

_WORD = re.compile(r"[\w.$:]+|[^\s\w]")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Config(Generic[M]):
    """A file that fits its model. ``name`` is what messages call it."""

    value: M
    name: str
    text: str
    tree: Tree

    def problem(self, loc: Loc, message: str, *, key: bool = False) -> Problem:
        """A mistake that only the caller can see, at a value or at its key."""
        place = self.tree.keys.get(loc) if key else None
        return self.tree.problem(place or self.tree.place(loc), message)

    def within(self, loc: Loc, text: str, at: int | None, message: str) -> Problem:
        """A mistake at an offset of a text that stands in the file, in one line or in several."""
        place = self.tree.place(loc)
        word = None if at is None else _WORD.search(text, max(0, at))
        if word is None:
            return self.tree.problem(place, message)
        before = text[: word.start()].count(word[0])
        for number in range(place.line, len(self.tree.lines) + 1):
            line = self.tree.lines[number - 1]
            start = place.column - 1 if number == place.line else 0
            while (found := line.find(word[0], start)) >= 0:
                if before == 0:
                    return self.tree.problem(Place(number, found + 1, len(word[0])), message)
                before, start = before - 1, found + 1
        return self.tree.problem(place, message)

    def invalid(self, problems: list[Problem]) -> ConfigInvalid:
        """The error for such mistakes."""
        return _invalid(self.name, problems)


def read_config(
    path: Path | str,
    model: type[M],
    *,
    environment: Mapping[str, str] | None = None,
    unset_is_error: bool = True,
) -> Config[M]:
    """Read a file. ``ConfigUnreadable``, or ``ConfigInvalid`` with every mistake in it."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(CONFIG_BYTES_MAX + 1)
    except OSError as error:
        raise ConfigUnreadable(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(data) > CONFIG_BYTES_MAX:
        raise ConfigUnreadable(f"{path} is larger than {CONFIG_BYTES_MAX} bytes.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigUnreadable(f"{path}:{line} is no text in UTF-8.") from error
    return parse_config(
        text, str(path), model, environment=environment, unset_is_error=unset_is_error
    )


def parse_config(
    text: str,
    name: str,
    model: type[M],
    *,
    environment: Mapping[str, str] | None = None,
    unset_is_error: bool = True,
) -> Config[M]:
    """The same of a text. With an ``environment``, ``${NAME}`` and ``${NAME:-default}`` in values
    are expanded; a variable that has neither is a mistake unless ``unset_is_error`` is False, and
    stays as written then."""
    text = text.replace("\r\n", "\n")
    tree = tree_of(text)
    if environment is not None:
        expand(tree, environment, unset_is_error=unset_is_error)
    if tree.problems:
        raise _invalid(name, tree.problems)
    try:
        value = model.model_validate({} if tree.value is None else tree.value)
    except ValidationError as error:
        raise _invalid(name, mistakes(tree, model, error)) from error
    return Config(value, name, text, tree)


def _invalid(name: str, problems: list[Problem]) -> ConfigInvalid:
    return ConfigInvalid(file=name, problems=sorted(set(problems))[:PROBLEMS_MAX])
