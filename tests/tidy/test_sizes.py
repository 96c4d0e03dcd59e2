"""Modules and functions stay small enough to read. No exemption list."""

from __future__ import annotations

import ast

from tests.tidy.source import FunctionNode, Module, functions, modules, report

MODULE_LINES_MAX = 350
FUNCTION_LINES_MAX = 50
# A view component holds its controls as one expression, which has no useful place to be cut.
COMPONENT_LINES_MAX = 70


def test_modules_are_short() -> None:
    sizes = [(len(module.text.splitlines()), module.path) for module in modules()]
    wrong = [f"{path}: {size} lines" for size, path in sizes if size > MODULE_LINES_MAX]
    assert not wrong, report(wrong)


def test_functions_are_short() -> None:
    wrong = [
        f"{module.path}:{function.lineno} {function.name}: {size} lines"
        for module in modules()
        for function in functions(module.tree)
        if (size := length(function)) > lines_max(module)
    ]
    assert not wrong, report(wrong)


def lines_max(module: Module) -> int:
    component = module.within("app.views", "app.widgets")
    return COMPONENT_LINES_MAX if component else FUNCTION_LINES_MAX


def length(function: FunctionNode) -> int:
    """Lines from ``def`` to the end, the docstring left out."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return lines
    docstring = function.body[0]
    assert docstring.end_lineno is not None
    return lines - (docstring.end_lineno - docstring.lineno + 1)
