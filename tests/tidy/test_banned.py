"""Calls that make a run impossible to repeat, or hide that it failed.

Time and randomness reach the code as arguments (`sync.ports`), so that a test or the simulator can
decide them; `sync/system.py` is the one place where they are real.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.tidy.source import Module, modules, report, under

WALL_CLOCK = frozenset(
    {
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
    }
)
# Legitimate where something is measured, but inside the engine a second clock beside the port.
STOPWATCH = frozenset(
    {"time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns"}
)
RANDOM = frozenset({"os.urandom", "random.SystemRandom", "uuid.uuid1", "uuid.uuid4", "uuid.uuid7"})
SEEDED = "random.Random"
RANDOM_MODULES = ("random", "secrets")
SYSTEM = "sync.system"


def test_time_and_randomness_are_arguments() -> None:
    wrong = []
    for module in modules("sync", "datagen", "app", "tests"):
        if module.name == SYSTEM or (module.within("app") and not module.within("app.domain")):
            continue
        stopwatch = STOPWATCH if module.within("sync", "app.domain") else frozenset()
        for name, call in calls(module):
            if name in WALL_CLOCK | stopwatch or unseeded(name, call):
                wrong.append(f"{module.path}:{call.lineno} calls {name}")
    assert not wrong, report(wrong)


def test_nobody_sleeps() -> None:
    wrong = [
        f"{module.path}:{call.lineno} calls {name}: wait for what you need instead"
        for module in modules()
        for name, call in calls(module)
        if module.name != SYSTEM and sleeps(module, name, call)
    ]
    assert not wrong, report(wrong)


def test_no_exception_is_swallowed() -> None:
    wrong = [
        f"{module.path}:{node.lineno} catches everything and says nothing"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    ]
    wrong += [
        f"{module.path}:{call.lineno} suppresses everything"
        for module in modules()
        for name, call in calls(module)
        if name == "contextlib.suppress" and any(catches_all(each) for each in call.args)
    ]
    assert not wrong, report(wrong)


def test_nothing_is_left_for_later() -> None:
    wrong = [
        f"{module.path}:{node.lineno} raises NotImplementedError"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node)
    ]
    assert not wrong, report(wrong)


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call whose full dotted name the imports of the module give away."""
    names = bound_names(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            head, dot, rest = ast.unparse(node.func).partition(".")
            if head in names:
                yield names[head] + dot + rest, node


def bound_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: after ``import datetime as dt``, dt for datetime."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {(each.asname or each.name): each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {
                (each.asname or each.name): f"{node.module}.{each.name}" for each in node.names
            }
    return names


def unseeded(name: str, call: ast.Call) -> bool:
    """Whether the outcome of a call depends on a generator that nobody seeded."""
    if name == SEEDED:
        return not call.args
    return name in RANDOM or any(under(name, module) for module in RANDOM_MODULES)


def sleeps(module: Module, name: str, call: ast.Call) -> bool:
    """Blocking sleeps anywhere; in the engine and in tests awaited ones too.

    A test may look again and again in a bounded loop, and ``asyncio.sleep(0)`` is only a turn of
    the event loop. The app may wait: for a pause in typing, say.
    """
    if name == "time.sleep":
        return True
    if name not in ("asyncio.sleep", "anyio.sleep") or module.within("app"):
        return False
    turn = len(call.args) == 1 and ast.unparse(call.args[0]) == "0"
    polling = module.within("tests") and any(call in ast.walk(loop) for loop in loops(module.tree))
    return not turn and not polling


def loops(tree: ast.Module) -> Iterator[ast.AST]:
    kinds = (ast.For, ast.While, ast.AsyncFor)
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def catches_all(node: ast.expr | None) -> bool:
    return node is None or ast.unparse(node) in ("Exception", "BaseException")


def swallows(handler: ast.ExceptHandler) -> bool:
    """``except Exception: pass`` and its like."""
    idle = all(
        isinstance(part, ast.Pass | ast.Continue)
        or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
        for part in handler.body
    )
    return idle and catches_all(handler.type)
