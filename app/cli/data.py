"""`zava data`: data sets from a seed, into files or into a hub."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from app.cli import output
from app.cli.hub import OWNER_ONLY
from app.domain.collections import Document
from app.domain.times import iso_z
from datagen import checks
from datagen.files import load_jsonl, read_manifest, write_jsonl
from datagen.generate import generate
from datagen.load import Loaded, load_hub, told
from datagen.people import DEMO_ACCOUNTS
from sync.hub import Hub
from sync.system import SystemClock, SystemEntropy


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides about the bytes of a data set. ``as_of`` None is the present."""

    preset: str
    seed: int
    as_of: str | None = None

    @property
    def moment(self) -> str:
        return iso_z(self.as_of or datetime.now(UTC))


def generate_files(recipe: Recipe, out: Path, *, as_json: bool) -> None:
    """Write a data set as JSONL files with a manifest."""
    moment = recipe.moment
    with output.progress_bar(f"Making the {recipe.preset} data set", quiet=as_json) as progress:
        documents = generate(recipe.preset, seed=recipe.seed, as_of=moment, progress=progress)
        manifest = write_jsonl(documents, out, preset=recipe.preset, seed=recipe.seed, as_of=moment)
    if as_json:
        output.say_json(folder=str(out), as_of=moment, counts=manifest.counts)
        return
    _print_counts(manifest.counts)
    output.say("In [bold]{out}[/], as of {moment}.", out=out, moment=moment)


def generate_into_hub(recipe: Recipe, path: Path, *, as_json: bool) -> None:
    """Make a data set straight into a hub's file, with the demo accounts."""
    counts: Counter[str] = Counter()
    with output.progress_bar(f"Making the {recipe.preset} data set", quiet=as_json) as progress:
        documents = generate(
            recipe.preset, seed=recipe.seed, as_of=recipe.moment, progress=progress
        )
        loaded = fill_hub(path, _counted(documents, counts))
    _tell_loaded(path, loaded, counts, as_json=as_json)


def load_into_hub(folder: Path, path: Path, *, as_json: bool) -> None:
    """Load a folder of files into a hub's file, with the demo accounts."""
    counts = read_manifest(folder).counts
    documents = load_jsonl(folder)
    with output.progress_bar(f"Loading {folder}", quiet=as_json) as progress:
        if progress is not None:
            documents = told(documents, counts, progress)
        loaded = fill_hub(path, documents)
    _tell_loaded(path, loaded, counts, as_json=as_json)


def fill_hub(path: Path, documents: Iterator[tuple[str, Document]]) -> Loaded:
    """Load documents and the demo accounts into a hub's file that no other process has open."""
    with _owner_only(), closing(_open_hub(path)) as hub:
        return load_hub(hub, documents, DEMO_ACCOUNTS)


def check_files(folder: Path, *, as_json: bool) -> int:
    """Run every check over a folder; the exit code."""
    results = checks.run(load_jsonl(folder), as_of=read_manifest(folder).as_of)
    failed = [each for each in results if not each.ok]
    if as_json:
        fields = [{"name": r.name, "ok": r.ok, "detail": r.detail} for r in results]
        output.say_json(ok=not failed, checks=fields)
    else:
        for each in results:
            mark = "[green]ok[/]    " if each.ok else "[red]failed[/]"
            output.say(f"{mark} {{name}}: {{detail}}", name=each.name, detail=each.detail)
        for each in failed[:1]:
            output.say("[bold]what to do:[/] {remedy}", remedy=each.remedy)
    return output.EXIT_FAILED if failed else output.EXIT_OK


def _open_hub(path: Path) -> Hub:
    path.parent.mkdir(parents=True, exist_ok=True)
    return Hub.open(path, clock=SystemClock(), entropy=SystemEntropy())


@contextmanager
def _owner_only() -> Iterator[None]:
    before = os.umask(OWNER_ONLY)
    try:
        yield
    finally:
        os.umask(before)


def _counted(
    documents: Iterator[tuple[str, Document]], counts: Counter[str]
) -> Iterator[tuple[str, Document]]:
    for collection, document in documents:
        counts[collection] += 1
        yield collection, document


def _tell_loaded(path: Path, loaded: Loaded, counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        fields = {"added": loaded.documents, "kept": loaded.kept, "accounts": loaded.accounts}
        output.say_json(hub=str(path), counts=counts, **fields)
        return
    _print_counts(counts)
    kept = f"; {loaded.kept:,} were there already" if loaded.kept else ""
    output.say(
        f"[bold]{loaded.documents:,}[/] documents and {loaded.accounts} accounts"
        f" added to [bold]{{path}}[/]{kept}.",
        path=path,
    )


def _print_counts(counts: dict[str, int]) -> None:
    table = Table(box=None, show_header=False)
    for collection, count in counts.items():
        table.add_row(collection, f"{count:,}")
    output.screen.print(table)
