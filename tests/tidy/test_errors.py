"""Every error of the engine has a stable code, a remedy, and a line in docs/errors.md."""

from __future__ import annotations

import re

import pytest

import sync.errors.benchmarks
import sync.errors.mongo
import sync.query.errors  # noqa: F401 - makes its classes known
from sync.errors import ZavaError, leaves
from tests.tidy.source import ROOT

PAGE = ROOT / "docs" / "errors.md"
LEAVES = sorted((each for each in leaves() if each.__module__.startswith("sync")), key=str)


def test_the_tree_has_leaves_and_each_code_is_its_own() -> None:
    codes = [leaf.code for leaf in LEAVES]
    assert codes
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_an_error_can_be_told_and_acted_on(leaf: type[ZavaError]) -> None:
    assert "code" in vars(leaf), "an error has a code of its own"
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", leaf.code)
    assert "remedy" in vars(leaf), "an error has a remedy of its own"
    assert re.fullmatch(r"[A-Z][^\n]{14,}[.]", leaf.remedy), "a remedy is one sentence or two"
    assert leaf.__doc__, "the docstring says when it is raised"
    assert isinstance(leaf.retryable, bool)


def test_the_manual_explains_every_code() -> None:
    assert PAGE.exists(), "docs/errors.md lists the codes"
    text = PAGE.read_text(encoding="utf-8")
    assert [leaf.code for leaf in LEAVES if f"`{leaf.code}`" not in text] == []
