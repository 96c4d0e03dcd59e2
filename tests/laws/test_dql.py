"""Laws of DQL's text: what is written is read as the same, and names keep their meaning."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings

from sync.query.binding import bind
from sync.query.errors import StatementError
from sync.query.parser import parse
from sync.query.syntax import Statement
from sync.query.unparse import text_of
from tests.laws.dql_trees import statements

patient = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@given(statements)
@patient
def test_a_statement_that_is_written_is_read_as_the_same(tree: Statement) -> None:
    text = text_of(tree)
    again = parse(text)
    assert again == tree
    # Python holds 1, 1.0 and true for equal; the text does not.
    assert text_of(again) == text


@given(statements)
@patient
def test_a_bound_statement_binds_to_itself(tree: Statement) -> None:
    try:
        bound = bind(tree)
    except StatementError:
        assume(False)
    assert bind(bound) == bound
