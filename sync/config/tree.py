"""YAML text as plain values, and where each of them stands. Pure.

Less than YAML on purpose: one document, no tags, no anchors, keys are text and stand once. Plain
words mean what they do in YAML 1.2: ``true``, ``null`` and decimal numbers are that, and
``no``, ``12:30`` and ``0123`` are text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from sync.errors import Problem
from sync.ids import Json
from sync.query.errors import quoted

NESTING_LEVELS_MAX: Final = 32
"""Far more than any file of ours needs, far less than Python's stack holds."""

Loc: TypeAlias = tuple[str | int, ...]
"""The keys and positions that lead to a value."""

_CONSTANTS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None, "~": None}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_OWN_TAGS = ("null", "bool", "int", "float", "str", "timestamp", "seq", "map", "value", "merge")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something begins, from 1, and how many characters of its line it takes."""

    line: int
    column: int
    width: int = 1


@dataclass(slots=True)
class Tree:
    """A value, the places of all values in it and of their keys, and what is wrong with it."""

    lines: list[str]
    value: Json = None
    values: dict[Loc, Place] = field(default_factory=dict)
    keys: dict[Loc, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, place: Place, message: str) -> None:
        """Note a mistake."""
        self.problems.append(self.problem(place, message))

    def problem(self, place: Place, message: str) -> Problem:
        """A mistake at a place, with its line."""
        at = place.line - 1
        source = self.lines[at] if at < len(self.lines) else ""
        printable = "".join(each if each.isprintable() else " " for each in source)
        return Problem(place.line, place.column, message, printable, place.width)

    def known(self, loc: Loc) -> Loc:
        """The part of a location that stands in the file; what is not in it is left out."""
        found: Loc = ()
        for part in loc:
            if (*found, part) in self.values:
                found = (*found, part)
        return found

    def place(self, loc: Loc) -> Place:
        """Where a value stands, or the nearest thing around it."""
        return self.values.get(self.known(loc), Place(1, 1))


def tree_of(text: str) -> Tree:
    """The tree of a text; what is wrong is in its ``problems``."""
    tree = Tree(text.split("\n"))
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)
        tree.add(place, _sentence(error))
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        tree.add(place, "A control character cannot stand here.")
    else:
        tree.values[()] = Place(1, 1)
        if root is not None:
            tree.value = _value(tree, root, ())
    return tree


def _sentence(error: yaml.MarkedYAMLError) -> str:
    said = " ".join(part for part in (error.context, error.problem) if part)
    return said if said.endswith(".") else f"This is no YAML: {said or 'it ends too early'}."


class _Loader(yaml.SafeLoader):
    """The safe loader without aliases, which would let a short text stand for a huge one."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        said = None
        if self.check_event(yaml.AliasEvent):
            said = "An alias cannot stand here: write the value out."
        elif self._depth >= NESTING_LEVELS_MAX:
            said = f"This is nested deeper than {NESTING_LEVELS_MAX} levels."
        if said is not None:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem=said, problem_mark=mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)  # type: ignore[arg-type]
        finally:
            self._depth -= 1


def _value(tree: Tree, node: yaml.Node, loc: Loc) -> Json:
    place = tree.values[loc] = _place(node)
    prefix, _, tag = node.tag.rpartition(":")
    if prefix != "tag:yaml.org,2002" or tag not in _OWN_TAGS:
        tree.add(place, f"The tag {quoted(node.tag)} cannot stand here: values need no tags.")
        return None
    if isinstance(node, yaml.SequenceNode):
        return [_value(tree, each, (*loc, i)) for i, each in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(tree, node, loc)
    assert isinstance(node, yaml.ScalarNode)
    is_text = tag == "str" or node.style is not None
    return node.value if is_text else _scalar(node.value)


def _mapping(tree: Tree, node: yaml.MappingNode, loc: Loc) -> Json:
    found: dict[str, Json] = {}
    for key, value in node.value:
        place = _place(key)
        if not isinstance(key, yaml.ScalarNode):
            tree.add(place, "A key is one word or text.")
            continue
        inner = (*loc, key.value)
        if key.value in found:
            first = tree.keys[inner].line
            tree.add(place, f"The key {quoted(key.value)} stands already in line {first}.")
            continue
        tree.keys[inner] = place
        found[key.value] = _value(tree, value, inner)
    return found


def _scalar(text: str) -> Json:
    if text == "" or text.lower() in _CONSTANTS:
        return _CONSTANTS.get(text.lower())
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _place(node: yaml.Node) -> Place:
    start, end = node.start_mark, node.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Place(start.line + 1, start.column + 1, max(1, width))
