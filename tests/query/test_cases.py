"""The cases of the language (``cases/*.json``), over plain dicts and over a replica's file."""

from __future__ import annotations

from collections import Counter

from tests.query.language_cases import CHECKS, KNOWN, language_cases

CASES = list(language_cases())


def test_there_are_a_few_hundred_and_each_is_well_formed() -> None:
    assert len(CASES) >= 300
    for case in CASES:
        assert set(case.fields) <= KNOWN, case.name
        assert CHECKS & set(case.fields), f"{case.name} checks nothing"


def test_each_has_a_name_of_its_own() -> None:
    names = Counter(case.name for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []
