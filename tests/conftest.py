"""What every test may rely on: Hypothesis profiles, and a browser or why there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_REMEDY = (
    "No Chromium found. Install it (Debian: apt-get install chromium), "
    "or name an executable in ZAVA_CHROMIUM."
)

# No deadline anywhere: how long one example takes says more about the machine than about the code.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", max_examples=5_000, deadline=None, print_blob=True)


def in_ci(environment: Mapping[str, str]) -> bool:
    """Whether missing parts of the machine are a failure instead of a reason to skip."""
    return environment.get("CI", "").lower() not in ("", "0", "false")


def find_chromium(environment: Mapping[str, str]) -> Path | None:
    """The Chromium to drive: ``ZAVA_CHROMIUM`` alone if set, else the first known name on PATH."""
    named = environment.get("ZAVA_CHROMIUM")
    names = (named,) if named else CHROMIUM_NAMES
    for name in names:
        if found := shutil.which(name, path=environment.get("PATH")):
            return Path(found)
    return None


settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if in_ci(os.environ) else "dev")
)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The Chromium executable. Without one the test skips, and fails where ``CI`` is set."""
    found = find_chromium(os.environ)
    if found is None and in_ci(os.environ):
        pytest.fail(CHROMIUM_REMEDY, pytrace=False)
    if found is None:
        pytest.skip(CHROMIUM_REMEDY)
    return found
