"""Variables in the values of a file."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from sync.config import parse_config
from sync.errors import ConfigInvalid


class Link(BaseModel):
    uri: str
    port: int = 1
    tags: list[str] = []


def link(text: str, environment: dict[str, str] | None, *, unset_is_error: bool = True) -> Link:
    found = parse_config(
        text, "link.yaml", Link, environment=environment, unset_is_error=unset_is_error
    )
    return found.value


def test_a_variable_is_put_in_wherever_text_is() -> None:
    text = "uri: db://${USER}@${HOST:-here}/x\nport: ${PORT:-27017}\ntags: ['${USER}']"
    assert link(text, {"USER": "ana"}) == Link(uri="db://ana@here/x", port=27017, tags=["ana"])


def test_an_empty_variable_counts_as_unset() -> None:
    assert link("uri: ${U:-x}", {"U": ""}).uri == "x"
    assert link("uri: a${U:-}", {}).uri == "a"


def test_what_is_in_a_variable_never_changes_the_form_of_the_file() -> None:
    assert link("uri: ${U}", {"U": "x\nport: 2"}) == Link(uri="x\nport: 2")


def test_an_unset_variable_is_named_with_its_line_and_the_nearest() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        link("port: 1\nuri: ${MONGO_URL}", {"MONGO_URI": "db://secret"})
    assert str(caught.value) == (
        "link.yaml:2:6: The variable `MONGO_URL` is not set; is `MONGO_URI` meant?"
    )
    assert "secret" not in caught.value.told()


def test_a_caller_may_leave_unset_variables_as_they_stand() -> None:
    assert link("uri: ${MONGO_URL}", {}, unset_is_error=False).uri == "${MONGO_URL}"


def test_without_an_environment_nothing_is_expanded() -> None:
    assert link("uri: ${X}", None).uri == "${X}"


def test_two_dollars_stand_for_the_brace_itself() -> None:
    assert link("uri: $${X} costs $5", {"X": "no"}).uri == "${X} costs $5"


def test_a_variable_without_a_name_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="comes a NAME"):
        link("uri: ${1X}", {})
