"""The rules of this folder catch what they are for: each is shown code that breaks it."""

from __future__ import annotations

import ast

import pytest

from tests.tidy.source import Import, Module, functions, imports
from tests.tidy.test_banned import calls, sleeps, swallows, unseeded
from tests.tidy.test_layers import broken_order, in_a_cycle, typing_names, used_at_run_time
from tests.tidy.test_sizes import length
from tests.tidy.test_text import FORBIDDEN, anchors, leads_somewhere


def module(text: str, name: str = "sync.local.table") -> Module:
    return Module(name, name.replace(".", "/") + ".py", text, ast.parse(text))


@pytest.mark.parametrize(
    ("name", "target", "allowed"),
    [
        ("sync.local.table", "sync.core", True),
        ("sync.local.table", "sync.local.database", True),
        ("sync.core.values", "sync.local", False),
        ("sync.device.link", "sync.hub", False),
        ("sync.web.routes", "sync.hub", True),
        ("sync.system", "sync.web", False),
        ("sync", "sync.errors", False),
        ("sync.novelty.part", "sync.core", False),
        ("sync.local.table", "app.domain", False),
        ("app.state.worker", "sync.local", True),
        ("app.state.worker", "app.views.shell", False),
        ("app.widgets.money", "app.state", False),
        ("app.domain.orders", "sync.ids", False),
        ("app.domain.orders", "app.domain.money", True),
        ("app.main", "app.cli.demo", False),
        ("app.main", "datagen", False),
        ("app.cli.demo", "datagen.load", True),
        ("datagen.stock", "app.domain.money", True),
        ("datagen.stock", "app.state", False),
        ("datagen.load", "sync.local", True),
        ("datagen.load", "sync.local.database", False),
        ("sync.local.table", "tests.helpers", False),
        ("app.cli.bench", "benchmarks.suites", True),
        ("app.state.worker", "benchmarks.suites", False),
    ],
)
def test_the_order_of_layers(name: str, target: str, allowed: bool) -> None:
    found = broken_order(module("", name), Import(target, 1, inner=False, typing_only=False))
    assert (found is None) is allowed


def test_imports_are_told_apart_by_where_they_stand() -> None:
    text = """
import json
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from a import b
else:
    import c
def f():
    import d
"""
    found = {each.target: (each.inner, each.typing_only) for each in imports(module(text))}
    assert found == {
        "json": (False, False),
        "typing": (False, False),
        "a": (False, True),
        "c": (False, False),
        "d": (True, False),
    }


def test_relative_imports_are_resolved() -> None:
    assert [each.target for each in imports(module("from ..core import x"))] == ["sync.core"]
    assert [each.target for each in imports(module("from .other import x"))] == ["sync.local.other"]


def test_a_typing_import_used_at_run_time_is_found() -> None:
    tree = ast.parse("if TYPE_CHECKING:\n    from a import B\ndef f(x: B) -> B:\n    return B(x)\n")
    assert [name.lineno for name in used_at_run_time(tree, typing_names(tree))] == [4]


def test_only_what_is_in_a_cycle_is_reported() -> None:
    graph = {"top": {"a"}, "a": {"b"}, "b": {"a", "leaf"}, "leaf": set()}
    assert in_a_cycle(graph) == {"a": {"b"}, "b": {"a"}}
    assert in_a_cycle({"a": {"b"}, "b": set()}) == {}


@pytest.mark.parametrize(
    ("text", "name", "banned"),
    [
        ("import random\nrandom.random()", "random.random", True),
        ("import random\nrandom.Random()", "random.Random", True),
        ("import random\nrandom.Random(7)", "random.Random", False),
        ("from uuid import uuid4 as new\nnew()", "uuid.uuid4", True),
        ("import secrets\nsecrets.token_hex()", "secrets.token_hex", True),
        ("import datetime as dt\ndt.timedelta(1)", "datetime.timedelta", False),
    ],
)
def test_unseeded_randomness_is_found(text: str, name: str, banned: bool) -> None:
    ((found, call),) = calls(module(text))
    assert found == name
    assert unseeded(found, call) is banned


@pytest.mark.parametrize(
    ("name", "body", "banned"),
    [
        ("tests.test_a", "time.sleep(1)", True),
        ("app.main", "time.sleep(1)", True),
        ("app.views.find", "asyncio.sleep(0.15)", False),
        ("sync.device.link", "asyncio.sleep(1)", True),
        ("tests.test_a", "asyncio.sleep(1)", True),
        ("tests.test_a", "asyncio.sleep(0)", False),
        ("tests.test_a", "while waiting:\n    asyncio.sleep(0.01)", False),
    ],
)
def test_sleeps_are_found(name: str, body: str, banned: bool) -> None:
    source = module("import asyncio, time\n" + body, name)
    ((found, call),) = calls(source)
    assert sleeps(source, found, call) is banned


@pytest.mark.parametrize(
    ("handler", "banned"),
    [
        ("except Exception: pass", True),
        ("except: ...", True),
        ("except OSError: pass", False),
        ("except Exception: report()", False),
    ],
)
def test_swallowed_exceptions_are_found(handler: str, banned: bool) -> None:
    tree = ast.parse(f"try:\n    work()\n{handler}\n")
    (node,) = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    assert swallows(node) is banned


def test_a_docstring_does_not_count_as_length() -> None:
    (function,) = functions(ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'))
    assert length(function) == 2


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("see /" + "work/main/x", True),
        ("see docs/" + "work/x and ./" + "work/", False),
        ("from https://" + "pypi" + ".org/simple", True),
        ("TO" + "DO: more", True),
        ("a mastodon", False),
    ],
)
def test_forbidden_text_is_found(text: str, wrong: bool) -> None:
    assert any(pattern.search(text) for pattern in FORBIDDEN.values()) is wrong


def test_links_are_followed_to_the_heading() -> None:
    assert anchors("# One: a *title*\n## Two & three\n") == {"one-a-title", "two--three"}
    assert leads_somewhere("tests/README.md", "conftest.py")
    assert leads_somewhere("tests/README.md", "https://example.com/x")
    assert not leads_somewhere("tests/README.md", "missing.md")
