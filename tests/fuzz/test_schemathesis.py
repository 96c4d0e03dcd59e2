"""Schemathesis against a hub process and its own description, where schemathesis is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sync.system import SystemClock
from tests.helpers.hub_process import ROOT, hub_process, open_hub
from tests.helpers.two_devices import PEOPLE

PROGRAM = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_schema_conformance", "unsupported_method"),
)
OPTIONS = ("--seed", "1", "--max-examples", "200", "--request-timeout", "5")


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="schemathesis is not installed")
@pytest.mark.parametrize("phases", ["coverage,fuzzing", "coverage"])
def test_the_hub_keeps_to_its_description(tmp_path: Path, phases: str) -> None:
    """A push is covered only: schemathesis cannot make bytes of a kind it does not know."""
    with closing(open_hub(tmp_path / "hub.db", PEOPLE, SystemClock())):
        pass
    choice = "--include-path" if phases == "coverage" else "--exclude-path"
    with hub_process(tmp_path / "hub.db") as (_, url):
        command = [str(PROGRAM), "run", f"{url}/v1/openapi.json", "--checks", ",".join(CHECKS)]
        done = subprocess.run(
            [*command, *OPTIONS, "--phases", phases, choice, "/v1/push"],
            **{"cwd": ROOT, "capture_output": True, "text": True},
        )
    assert done.returncode == 0, done.stdout[-4_000:]
