"""Statements against one replica, with the rule that a shell only reads unless told so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.cli.shell.replica_file import ReplicaFile
from sync.local import Result
from sync.query.errors import ReadOnly
from sync.query.prepared import prepared
from sync.query.syntax import Explain, ExplainSync, Select, Statement


class Session:
    """What a shell may do with a replica's file."""

    def __init__(self, file: ReplicaFile) -> None:
        self.file = file

    def run(self, text: str, args: Mapping[str, Any] | None = None) -> Result:
        """Run one statement. Raises ``ReadOnly`` for one that would change something, before
        anything is done, and whatever else is wrong with the statement."""
        if not self.file.writable and changes_something(prepared(text).statement):
            raise ReadOnly("This shell only reads.")
        return self.file.replica().execute(text, args or {})


def changes_something(statement: Statement) -> bool:
    """Whether running a statement can change documents or indexes."""
    if not isinstance(statement, Explain):
        return not isinstance(statement, Select | ExplainSync)
    if statement.kind == "profile":  # it runs the statement to measure it
        return changes_something(statement.query)
    return statement.provision
