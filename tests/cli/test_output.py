"""What the command prints for people."""

from __future__ import annotations

import pytest

from app.cli import output


def test_any_name_may_stand_for_a_value_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("{checker}: {text}", checker="convergence", text="[two] states")

    assert capsys.readouterr().out == "convergence: [two] states\n"
