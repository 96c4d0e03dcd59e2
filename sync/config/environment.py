"""``${NAME}`` and ``${NAME:-default}`` in the values of a file, from an environment. Pure.

Only texts are looked into, after the file was read, so that nothing in a variable can change the
form of the file. ``$${`` stands for a plain ``${``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.config.tree import Loc, Tree
from sync.ids import Json
from sync.query.errors import nearest, quoted

_VARIABLE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")


def expand(tree: Tree, environment: Mapping[str, str], *, unset_is_error: bool) -> None:
    """Put the variables into the values of a tree; its ``problems`` name what cannot be.

    A variable without value and default is a problem, or stays as it is written: for a caller that
    looks at a file where its secrets are not at hand. An expanded value is always text.
    """

    def walk(value: Json, loc: Loc) -> Json:
        if isinstance(value, dict):
            return {key: walk(each, (*loc, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [walk(each, (*loc, i)) for i, each in enumerate(value)]
        return text(value, loc) if isinstance(value, str) else value

    def text(value: str, loc: Loc) -> str:
        def put(found: re.Match[str]) -> str:
            name, default = found.groups()
            if found[0] == "$${":
                return "${"
            if name is None:
                tree.add(tree.place(loc), "After `${` comes a NAME, or NAME:-default, and `}`.")
                return found[0]
            held = environment.get(name) or default
            if held is not None:
                return held
            if unset_is_error:
                near = nearest(name, environment)
                hint = f"; is {quoted(near)} meant?" if near else "."
                tree.add(tree.place(loc), f"The variable {quoted(name)} is not set{hint}")
            return found[0]

        return _VARIABLE.sub(put, value)

    tree.value = walk(tree.value, ())
