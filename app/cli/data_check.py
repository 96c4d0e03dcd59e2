"""`zava data check`: a folder, a hub's file or a MongoDB, with a report to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.cli import output
from app.domain.collections import SYNCED, Document
from datagen import report
from datagen.checks import CheckResult, inspect
from datagen.checks.tallies import Tallies
from datagen.files import read_files, read_manifest
from datagen.mongo import inspect_mongodb
from sync.local import Replica
from sync.query import EVERYTHING
from sync.system import SystemClock, SystemEntropy

Found = tuple[list[CheckResult], Tallies]


@dataclass(frozen=True, slots=True)
class Source:
    """What is checked: one of a folder, a hub's file and a MongoDB."""

    folder: Path | None = None
    hub: Path | None = None
    mongodb: str | None = None
    database: str | None = None

    def inspected(self) -> tuple[str, Found]:
        """What it is, and what was found."""
        if self.folder is not None:
            recipe = read_manifest(self.folder).recipe
            return recipe.told(), inspect(read_files(self.folder), as_of=recipe.as_of)
        if self.hub is not None:
            return str(self.hub.name), _inspect_hub(self.hub)
        assert self.mongodb is not None, "the command line asks for one of them"
        found = asyncio.run(inspect_mongodb(self.mongodb, database=self.database))
        return "MongoDB", found


def check(source: Source, html: Path | None, *, as_json: bool) -> int:
    """Run every check and write the report if one is asked for; the exit code."""
    title, (results, tallies) = source.inspected()
    if html is not None:
        html.write_text(report.page(results, tallies, title), encoding="utf-8")
    failed = [each for each in results if not each.ok]
    if as_json:
        fields = [{"name": r.name, "ok": r.ok, "detail": r.detail} for r in results]
        output.say_json(
            ok=not failed, violations=len(failed), documents=tallies.documents, checks=fields,
            html=None if html is None else str(html),
        )  # fmt: skip
    else:
        _tell(results, failed, html)
    return output.EXIT_FAILED if failed else output.EXIT_OK


def _tell(results: list[CheckResult], failed: list[CheckResult], html: Path | None) -> None:
    for each in results:
        mark = "[green]ok[/]    " if each.ok else "[red]failed[/]"
        output.say(f"{mark} {{name}}: {{detail}}", name=each.name, detail=each.detail)
    for each in failed[:1]:
        output.say("[bold]what to do:[/] {remedy}", remedy=each.remedy)
    if html is not None:
        output.say("The report: [bold]{html}[/].", html=html)


def _inspect_hub(path: Path) -> Found:
    if not path.is_file():
        raise FileNotFoundError(2, "There is no such file", str(path))
    opened = Replica.open(path, clock=SystemClock(), entropy=SystemEntropy())
    with closing(opened) as replica:
        return inspect(_documents(replica))


def _documents(replica: Replica) -> Iterator[tuple[str, Document]]:
    for collection in SYNCED:
        for document in replica.matching(collection, EVERYTHING):
            yield collection, document
