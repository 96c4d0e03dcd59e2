"""A table on disk, one in memory and a plain dict agree (L2, L3), through crashes and reopening."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tinydb import where
from tinydb.queries import QueryInstance

from sync.errors import DatabaseUnwritable
from sync.ids import Document
from sync.local import Replica
from sync.local.table import Table
from sync.sim.storage import Crash, Fault, FaultyDatabase, kill
from tests.helpers.clocks import SeededEntropy, SteppingClock
from tests.helpers.replicas import open_replica

Model = dict[str, Document]
Act = Callable[[Table], object]
NAME = "things"
STATEMENTS_MAX = 40

names = st.sampled_from(["a", "b", "m"])
scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "x", "é"])
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(names, scalars, max_size=2)
bodies = st.dictionaries(names, values, max_size=3)
ids = st.sampled_from(["1", "2", "3", "4", "5"])
questions = st.one_of(
    st.builds(lambda name, value: where(name) == value, names, scalars),
    st.builds(lambda name: ~where(name).exists(), names),
    st.builds(lambda name, value: where("m")[name] == value, names, scalars),
    st.builds(lambda some: where("_id").one_of(some), st.lists(ids, max_size=3)),
)


def merged(document: Document, fields: Document) -> Document:
    """What writing fields makes of a document: maps merge, all else replaces."""
    made = dict(document)
    for name, value in fields.items():
        both_maps = isinstance(value, dict) and isinstance(made.get(name), dict)
        made[name] = merged(made[name], value) if both_maps else copy.deepcopy(value)
    return made


class Tables(RuleBasedStateMachine):
    """Every rule does one thing to the table on disk; it goes well, or leaves no trace."""

    @initialize()
    def begin(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "replica.db"
        self._clock, self._starts = SteppingClock(), 0
        self._memory = open_replica(seed=1_000)
        self._model: Model = {}
        self._start()

    def _start(self) -> None:
        self._starts += 1
        self._database = FaultyDatabase(self._path)
        entropy = SeededEntropy(self._starts)
        self._disk = Replica(self._database, self._clock, entropy, "device")

    def _do(self, act: Act, change: Callable[[Model], None], fault: Fault | None) -> None:
        after = copy.deepcopy(self._model)
        change(after)
        self._database.arm(fault)
        try:
            act(self._disk.table(NAME))
            happened = True
        except DatabaseUnwritable:
            happened = False
        except Crash:
            kill(self._database, self._path)
            self._start()
            shown = self._shown(self._disk)
            assert shown in (self._model, after)
            happened = shown == after
        self._database.arm(None)
        if happened:
            act(self._memory.table(NAME))
            self._model = after

    faults = st.none() | st.builds(
        Fault, st.integers(1, STATEMENTS_MAX), st.sampled_from(["before", "after", "full"])
    )

    @rule(doc_id=ids, body=bodies, fault=faults)
    def insert(self, doc_id: str, body: Document, fault: Fault | None) -> None:
        if doc_id not in self._model:
            document = {**body, "_id": doc_id}
            put = {doc_id: document}
            self._do(lambda table: table.insert(document), lambda model: model.update(put), fault)

    @rule(doc_id=ids, body=bodies, fault=faults)
    def upsert(self, doc_id: str, body: Document, fault: Fault | None) -> None:
        document = {**body, "_id": doc_id}

        def change(model: Model) -> None:
            model[doc_id] = merged(model.get(doc_id, {}), document)

        self._do(lambda table: table.upsert(document), change, fault)

    @rule(fields=bodies, query=questions, fault=faults)
    def update(self, fields: Document, query: QueryInstance, fault: Fault | None) -> None:
        def change(model: Model) -> None:
            for doc_id, document in model.items():
                if query(document):
                    model[doc_id] = merged(document, fields)

        self._do(lambda table: table.update(fields, query), change, fault)

    @rule(query=questions, fault=faults)
    def remove(self, query: QueryInstance, fault: Fault | None) -> None:
        def change(model: Model) -> None:
            for doc_id in [doc_id for doc_id, document in model.items() if query(document)]:
                del model[doc_id]

        self._do(lambda table: table.remove(query), change, fault)

    @rule()
    def reopen(self) -> None:
        self._disk.close()
        self._start()

    @rule(query=questions)
    def search(self, query: QueryInstance) -> None:
        expected = [document for _, document in sorted(self._model.items()) if query(document)]
        for replica in (self._disk, self._memory):
            assert replica.table(NAME).search(query) == expected

    @invariant()
    def they_agree(self) -> None:
        for replica in (self._disk, self._memory):
            assert self._shown(replica) == self._model

    @staticmethod
    def _shown(replica: Replica) -> dict[str, Any]:
        return {document["_id"]: document for document in replica.table(NAME)}

    def teardown(self) -> None:
        self._disk.close()
        self._memory.close()
        self._folder.cleanup()


Tables.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestTables = Tables.TestCase
