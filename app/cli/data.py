"""`zava data`: data sets from a seed, into files, a hub or MongoDB."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from app.cli import output
from app.cli.hub import OWNER_ONLY
from app.domain.collections import Document
from datagen.files import read_files, read_manifest, write_files
from datagen.generate import data_set
from datagen.load import Loaded, load_hub, told
from datagen.mongo import load_mongodb
from datagen.people import DEMO_ACCOUNTS
from datagen.recipe import Recipe
from sync.hub import Hub
from sync.system import SystemClock, SystemEntropy

Pairs = Iterator[tuple[str, Document]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a data set goes: a hub's file or a MongoDB."""

    hub: Path | None = None
    mongodb: str | None = None
    database: str | None = None
    fresh: bool = False

    def put(self, documents: Pairs, recipe: Recipe) -> Loaded:
        """Load it there; a load that was cut short goes on."""
        if self.hub is not None:
            return fill_hub(self.hub, documents, recipe)
        assert self.mongodb is not None, "the command line asks for one of them"
        return asyncio.run(
            load_mongodb(self.mongodb, documents, recipe, database=self.database, fresh=self.fresh)
        )


def generate_files(recipe: Recipe, out: Path, form: str, *, as_json: bool) -> None:
    """Write a data set as files with a manifest."""
    with _measured() as figures, _bar(recipe, quiet=as_json) as progress:
        manifest = write_files(data_set(recipe, progress), out, recipe, form)
    size = sum(manifest.bytes.values())
    if as_json:
        output.say_json(
            folder=str(out), format=form, recipe=asdict(recipe), counts=manifest.counts,
            bytes=size, **figures(sum(manifest.counts.values())),
        )  # fmt: skip
        return
    _print_counts(manifest.counts, manifest.bytes)
    output.say("In [bold]{out}[/]: {recipe}.", out=out, recipe=recipe.told())
    _print_figures(figures(sum(manifest.counts.values())), size)


def generate_into(place: Place, recipe: Recipe, *, as_json: bool) -> None:
    """Make a data set straight into a hub's file, with the demo accounts, or into MongoDB."""
    counts: Counter[str] = Counter()
    with _measured() as figures, _bar(recipe, quiet=as_json) as progress:
        loaded = place.put(_counted(data_set(recipe, progress), counts), recipe)
    _tell_loaded(place, recipe, loaded, counts, figures, as_json=as_json)


def load_into(folder: Path, place: Place, *, as_json: bool) -> None:
    """Load a folder of files into a hub's file, with the demo accounts, or into MongoDB."""
    manifest = read_manifest(folder)
    documents = read_files(folder)
    with _measured() as figures, output.progress_bar(f"Loading {folder}", quiet=as_json) as bar:
        if bar is not None:
            documents = told(documents, manifest.counts, bar)
        loaded = place.put(documents, manifest.recipe)
    counts = Counter(manifest.counts)
    _tell_loaded(place, manifest.recipe, loaded, counts, figures, as_json=as_json)


def fill_hub(path: Path, documents: Pairs, recipe: Recipe) -> Loaded:
    """Load documents and the demo accounts into a hub's file that no other process has open."""
    with _owner_only(), closing(_open_hub(path)) as hub:
        return load_hub(hub, documents, DEMO_ACCOUNTS, recipe)


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


def _bar(recipe: Recipe, *, quiet: bool) -> Any:
    return output.progress_bar(f"Making the {recipe.preset} data set", quiet=quiet)


Figures = Callable[[int], dict[str, Any]]


@contextmanager
def _measured() -> Iterator[Figures]:
    """Gives what the block took: documents, seconds, peak memory.

    A data set is trees, which go when nobody needs them: looking for rings in what is kept of it
    would take a quarter of the time, so nobody does meanwhile."""
    wall, cpu = time.perf_counter(), time.process_time()
    collects = gc.isenabled()
    gc.disable()

    def figures(documents: int) -> dict[str, Any]:
        return {
            "documents": documents,
            "seconds": round(time.perf_counter() - wall, 2),
            "cpu_seconds": round(time.process_time() - cpu, 2),
            "peak_memory_bytes": output.peak_memory_bytes(),
        }

    try:
        yield figures
    finally:
        if collects:
            gc.enable()


def _counted(documents: Pairs, counts: Counter[str]) -> Pairs:
    for collection, document in documents:
        counts[collection] += 1
        yield collection, document


def _tell_loaded(
    place: Place,
    recipe: Recipe,
    loaded: Loaded,
    counts: Counter[str],
    figures: Figures,
    *,
    as_json: bool,
) -> None:
    where = {"hub": str(place.hub)} if place.hub else {"mongodb": loaded.database}
    taken = figures(loaded.documents + loaded.kept)
    if as_json:
        added = {"added": loaded.documents, "kept": loaded.kept, "accounts": loaded.accounts}
        output.say_json(**where, recipe=asdict(recipe), counts=counts, **added, **taken)
        return
    _print_counts(counts, {})
    kept = f"; {loaded.kept:,} were there already" if loaded.kept else ""
    output.say(
        f"[bold]{loaded.documents:,}[/] documents and {loaded.accounts} accounts"
        f" added to [bold]{{path}}[/]{kept}.",
        path=place.hub or f"MongoDB's {loaded.database}",
    )
    _print_figures(taken, None)


def _print_counts(counts: dict[str, int], sizes: dict[str, int]) -> None:
    table = Table(box=None, show_header=False)
    for collection, count in counts.items():
        size = f"{sizes[collection] / 1e6:,.1f} MB" if collection in sizes else ""
        table.add_row(collection, f"{count:,}", size)
    output.screen.print(table)


def _print_figures(taken: dict[str, Any], size: int | None) -> None:
    memory = taken["peak_memory_bytes"]
    told = [f"{taken['documents']:,} documents in {taken['seconds']:.1f} s"]
    told += [f"{size / 1e6:,.1f} MB"] if size is not None else []
    told += [f"{memory / 1e6:,.0f} MB of memory at most"] if memory else []
    output.say("[dim]{told}.[/]", told=", ".join(told))
