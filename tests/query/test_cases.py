"""The cases of the language (``cases/*.json``), over plain dicts and over a replica's file.

Plain dicts say what a SELECT means; a file must agree, without indexes and with an index on every
field.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sync.core.values import canonical
from sync.errors import ZavaError
from sync.local import Replica
from sync.query.errors import IndexImpossible, StatementError
from sync.query.parser import parse
from sync.query.syntax import Select
from tests.helpers.replicas import PaperHub, everything_settled, open_replica
from tests.query.language_cases import CHECKS, KNOWN, Documents, LanguageCase, language_cases
from tests.query.over_dicts import answer_over_dicts

CASES = list(language_cases())
Answer = tuple[Sequence[Any], Sequence[Any]]
"""Items, and the ids of what was changed."""

INDEXABLE = [each for each in CASES if not each.replica_only]
SELECTS = [each for each in INDEXABLE if each.statement.upper().startswith("SELECT")]


def named(case: LanguageCase) -> str:
    return case.name


def test_there_are_a_few_hundred_and_each_is_well_formed() -> None:
    assert len(CASES) >= 300
    for case in CASES:
        assert set(case.fields) <= KNOWN, case.name
        assert CHECKS & set(case.fields), f"{case.name} checks nothing"


def test_each_has_a_name_of_its_own() -> None:
    names = Counter(case.name for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("case", SELECTS, ids=named)
def test_over_plain_dicts(case: LanguageCase) -> None:
    check(case, lambda: (answer_over_dicts(case.given, case.statement, case.args), ()))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_on_a_file(case: LanguageCase, tmp_path: Path) -> None:
    on_a_file(case, tmp_path / "case.sqlite3", with_indexes=False)


@pytest.mark.parametrize("case", INDEXABLE, ids=named)
def test_on_a_file_with_indexes(case: LanguageCase, tmp_path: Path) -> None:
    on_a_file(case, tmp_path / "case.sqlite3", with_indexes=True)


def on_a_file(case: LanguageCase, path: Path, *, with_indexes: bool) -> None:
    """Run one case on a replica of its own and look at everything it says."""
    replica = open_replica(path)
    try:
        fill(replica, case.given, settled=case.settled)
        if with_indexes:
            make_indexes(replica, case.given)
        for statement in case.before:
            replica.execute(statement, {})

        def run() -> Answer:
            result = replica.execute(case.statement, case.args)
            return list(result.items), list(result.mutated_ids)

        check(case, run)
        for collection, documents in case.fields.get("after", {}).items():
            assert same(list(replica.find(collection)), documents, ordered=False)
    finally:
        replica.close()


def check(case: LanguageCase, run: Callable[[], Answer]) -> None:
    """Run, and compare the answer or the error with what the case says."""
    if "error" in case.fields:
        with pytest.raises(ZavaError) as caught:
            run()
        error = caught.value
        told = error.underlined() if isinstance(error, StatementError) else str(error)
        assert error.code == case.fields["error"], told
        assert case.fields.get("says", "").lower() in told.lower()
        return
    items, mutated = run()
    if "result" in case.fields:
        assert same(items, case.fields["result"], ordered=case.ordered), items
    text = json.dumps(items, ensure_ascii=False)
    for part in case.fields.get("mentions", ()):
        assert part.lower() in text.lower(), text
    assert sorted(mutated) == case.fields.get("mutated", sorted(mutated))


def same(found: list[Any], wanted: list[Any], *, ordered: bool) -> bool:
    """Equal as JSON, 1 and 1.0 alike; in any order unless ``ordered``."""
    one, other = ([canonical(plain(each)) for each in items] for items in (found, wanted))
    return one == other if ordered else sorted(one) == sorted(other)


def plain(value: Any) -> Any:
    """A value with integers for the floats that equal one."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def fill(replica: Replica, given: Documents, *, settled: bool) -> None:
    """The documents a case begins with; a collection without any existed before."""
    with replica.transaction() as tx:
        for collection, documents in given.items():
            for document in documents or [{"_id": "before"}]:
                tx.insert(collection, document)
    for collection in [name for name, documents in given.items() if not documents]:
        with replica.transaction() as tx:
            tx.delete(collection, "before")
    if settled:
        everything_settled(PaperHub(), replica)


def make_indexes(replica: Replica, given: Documents) -> None:
    """One index for every field of every document, nested ones too."""
    for collection, documents in given.items():
        paths = sorted({path for document in documents for path in paths_of(document)})
        for number, path in enumerate(paths):
            steps = ".".join(f"`{step}`" for step in path)
            with suppress(IndexImpossible):  # a field of maps only
                replica.execute(f"CREATE INDEX test_{number} ON `{collection}` ({steps})", {})


def paths_of(value: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, item in value.items():
        if name != "_id":
            yield (name,)
        if isinstance(item, dict):
            yield from ((name, *rest) for rest in paths_of(item))


def test_every_select_among_them_is_told_apart() -> None:
    """What runs over plain dicts is what the parser calls a SELECT."""
    readable = [each for each in SELECTS if "error" not in each.fields]
    assert all(isinstance(parse(each.statement), Select) for each in readable)
