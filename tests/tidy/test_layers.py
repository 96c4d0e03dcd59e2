"""Imports point one way, and each third party has its door.

The order is that of docs/ARCHITECTURE.md. A module imports from its own layer and from layers
before it; names of one rank never import each other.
"""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.tidy.source import (
    PACKAGES,
    ROOT,
    Import,
    Module,
    imports,
    is_type_checking,
    module_names,
    modules,
    parents,
    pyproject,
    report,
    requirement_name,
    third_party,
    under,
)

RANKS = (
    ("sync.backoff", "sync.errors", "sync.ids"),
    ("sync.core",),
    ("sync.query",),
    ("sync.wire",),
    ("sync.explain",),
    ("sync.ports",),
    ("sync.local",),
    ("sync.peer",),
    ("sync.config",),
    ("sync.device", "sync.hub", "sync.connector"),
    ("sync.system", "sync.sim", "sync.web"),
    ("sync.serve",),
)
RANK = {layer: rank for rank, layers in enumerate(RANKS) for layer in layers}

# Inside `app`: what a part may not see. Everything else there is the part's own business.
UNSEEN = {
    "app.domain": ("app", "sync", "datagen"),
    "app.dql": ("app.state", "app.views", "app.widgets", "app.main"),
    "app.state": ("app.views", "app.widgets", "app.main"),
    "app.widgets": ("app.state", "app.views", "app.main"),
    "app.views": ("app.main",),
}

# Where a third party may be imported.
DOORS = {
    "argon2": ("sync.hub", "sync.web", "sync.serve"),
    "bson": ("sync.connector", "datagen"),
    "cryptography": ("sync.peer.ed25519",),
    "faker": ("datagen",),
    "flet": ("app",),
    "flet_web": ("app",),
    "httpx": ("sync.device", "datagen.services"),
    "jwt": ("sync.hub", "sync.web", "sync.serve"),
    "msgpack": ("sync.core", "sync.wire"),
    "numpy": ("datagen.minilm",),
    "orjson": ("sync.core.text",),
    "prompt_toolkit": ("app.cli",),
    "dotenv": ("app.cli",),
    "pydantic": (
        "app.cli",
        "datagen",
        "sync.config",
        "sync.connector",
        "sync.hub",
        "sync.serve",
        "sync.web",
    ),
    "pygal": ("datagen.report",),
    "pymongo": ("sync.connector", "datagen"),
    "rich": ("app.cli", "datagen"),
    "starlette": ("sync.web", "sync.serve"),
    "tinydb": ("sync.local",),
    "typer": ("app.cli", "datagen"),
    "uvicorn": ("sync.web", "sync.serve"),
    "watchfiles": ("app.cli", "datagen", "sync.config"),
    "yaml": ("sync.config",),
}

# What a phone does without, and its door with it (docs/decisions/0013-orjson.md).
OPTIONAL = ("orjson",)

EAGER_CLI_BANNED = ("flet", "starlette", "uvicorn", "httpx", "pymongo", "faker", "pydantic")


def layer_of(name: str) -> str:
    """``sync.core.values`` belongs to ``sync.core``; outside ``sync`` a module is its own layer."""
    return ".".join(name.split(".")[:2])


def broken_order(module: Module, wanted: Import) -> str | None:
    """Why one module may not import another of the project, or None if it may."""
    target = wanted.target
    if under(target, "benchmarks") and module.within("app.cli"):
        return None
    if under(target, "tests") or under(target, "benchmarks"):
        return "only tests import tests"
    if under(target, "app.cli") and not module.within("app.cli"):
        return "app.cli is the topmost layer"
    if module.within("sync"):
        return _broken_sync_order(module, target)
    if module.within("datagen"):
        public = under(target, "sync") and target.count(".") <= 1
        door = under(target, "sync.connector") or under(target, "sync.errors")  # one to MongoDB
        allowed = public or door or under(target, "datagen") or under(target, "app.domain")
        return None if allowed else "datagen sees app.domain and the public names of sync"
    if under(target, "datagen") and not module.within("app.cli"):
        return "only app.cli runs datagen"
    for part, unseen in UNSEEN.items():
        own = under(target, part)
        if module.within(part) and not own and any(under(target, name) for name in unseen):
            return f"{part} must not see it"
    return None


def _broken_sync_order(module: Module, target: str) -> str | None:
    if not under(target, "sync"):
        return "sync knows nothing above it"
    own, other = layer_of(module.name), layer_of(target)
    if own == other:
        return None
    if own == "sync":
        return "sync/__init__.py imports nothing"
    if own not in RANK or other not in RANK:
        return f"give {own if own not in RANK else other} a place in RANKS"
    return None if RANK[other] < RANK[own] else f"{other} is not below {own}"


def runtime_imports(*folders: str) -> list[tuple[Module, Import]]:
    """Module and import, for every import that happens when the program runs."""
    found = [(module, each) for module in modules(*folders) for each in imports(module)]
    return [(module, each) for module, each in found if not each.typing_only]


def test_imports_point_one_way() -> None:
    wrong = [
        f"{module.path}:{each.line} imports {each.target}: {why}"
        for module, each in runtime_imports(*PACKAGES)
        if not third_party(each.root) and each.root not in sys.stdlib_module_names
        if (why := broken_order(module, each))
    ]
    assert not wrong, report(wrong)


def test_each_third_party_has_its_door() -> None:
    wrong = []
    for module, each in runtime_imports(*PACKAGES):
        if not third_party(each.root):
            continue
        doors = DOORS.get(each.root, ())
        if not module.within(*doors) or module.within("app.domain"):
            wrong.append(f"{module.path}:{each.line} imports {each.root}, allowed in {doors}")
    assert not wrong, report(wrong)


def test_no_import_waits_inside_a_function() -> None:
    wrong = [
        f"{module.path}:{each.line} imports {each.target} inside a function"
        for module, each in runtime_imports(*PACKAGES)
        if each.inner and not module.within("app.cli")
    ]
    assert not wrong, report(wrong)


def test_typing_imports_serve_annotations_only() -> None:
    wrong = [
        f"{module.path}:{name.lineno} uses {name.id}, which is imported for annotations only"
        for module in modules(*PACKAGES)
        for name in used_at_run_time(module.tree, typing_names(module.tree))
    ]
    assert not wrong, report(wrong)


def typing_names(tree: ast.Module) -> set[str]:
    """The names bound by imports under ``if TYPE_CHECKING``."""
    guarded = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    body = [part for node in guarded if is_type_checking(node.test) for part in node.body]
    aliases = [
        alias
        for part in body
        if isinstance(part, ast.Import | ast.ImportFrom)
        for alias in part.names
    ]
    return {alias.asname or alias.name.partition(".")[0] for alias in aliases}


def used_at_run_time(tree: ast.Module, names: set[str]) -> list[ast.Name]:
    """Where one of the names stands outside an annotation."""
    notes = [getattr(node, "annotation", None) for node in ast.walk(tree)]
    notes += [getattr(node, "returns", None) for node in ast.walk(tree)]
    inside = {id(part) for note in notes if note is not None for part in ast.walk(note)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names]
    return [node for node in found if id(node) not in inside]


def test_no_import_cycles() -> None:
    graph = {
        module.name: {
            each.target
            for each in imports(module)
            if not each.typing_only and not each.inner and each.target != module.name
        }
        for module in modules(*PACKAGES)
    }
    wrong = [f"{name} -> {sorted(targets)}" for name, targets in in_a_cycle(graph).items()]
    assert not wrong, report(wrong)


def in_a_cycle(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is left after taking away, again and again, whatever leads or follows nowhere."""
    before = None
    while graph != before:
        before = graph
        followed = set().union(*graph.values()) if graph else set()
        graph = {
            name: targets & graph.keys()
            for name, targets in graph.items()
            if targets & graph.keys() and name in followed
        }
    return graph


def phone_modules() -> list[Module]:
    """Every module that starting the app loads, their packages included."""
    by_name = {module.name: module for module in modules(*PACKAGES)}
    waiting, loaded = ["app.main"], {}
    while waiting:
        for name in parents(waiting.pop()):
            if name in by_name and name not in loaded:
                loaded[name] = by_name[name]
                now = [each for each in imports(by_name[name]) if not each.typing_only]
                waiting += [each.target for each in now if each.target in module_names()]
    return list(loaded.values())


def test_the_app_starts_with_what_a_phone_has() -> None:
    project = pyproject()
    phone = {requirement_name(each) for each in project["project"]["dependencies"]}
    left_out = project["tool"]["flet"]["app"]["exclude"]
    wrong = []
    for module in phone_modules():
        if any(module.path == path or module.path.startswith(path + "/") for path in left_out):
            wrong.append(f"{module.path} is needed and left out by tool.flet.app.exclude")
        foreign = {each.root for each in imports(module) if not each.typing_only}
        wrong += [
            f"{module.path} imports {name}"
            for name in foreign
            if third_party(name) and name not in phone and name not in OPTIONAL
        ]
    assert not wrong, report(wrong)


def test_the_command_line_loads_nothing_heavy() -> None:
    if not (ROOT / "app" / "cli").exists():
        pytest.skip("app.cli is not there yet")
    code = f"import sys, app.cli; print(*sorted(sys.modules.keys() & {set(EAGER_CLI_BANNED)}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []
