"""The fuzzer's targets themselves: they take honest input, small damage, and noise."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.decode import decode as decode_batch
from sync.wire.codec import decode
from sync.wire.peer_messages import decode_peer
from tests.fuzz.harnesses import SEEDS, TARGETS
from tests.helpers.hub_process import ROOT


def test_what_the_fuzzer_starts_from_is_understood() -> None:
    assert decode_batch(SEEDS["batch"][0]).n == 1
    for each in SEEDS["meeting"]:
        decode_peer(each)
    for each in SEEDS["message"]:
        decode(each)
    assert SEEDS.keys() == TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_damaged_seeds(name: str, data: st.DataObject) -> None:
    seed = bytearray(data.draw(st.sampled_from(SEEDS[name])))
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(seed)))
        end = data.draw(st.integers(start, min(len(seed), start + 5)))
        seed[start:end] = data.draw(st.binary(max_size=5) | st.sampled_from(SEEDS[name]))
    TARGETS[name](bytes(seed))


@pytest.mark.parametrize("name", TARGETS)
@given(noise=st.binary(max_size=500))
def test_noise(name: str, noise: bytes) -> None:
    TARGETS[name](noise)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", TARGETS)
def test_a_minute_of_fuzzing(name: str, tmp_path: Path) -> None:
    for number, seed in enumerate(SEEDS[name]):
        (tmp_path / str(number)).write_bytes(seed)
    command = [sys.executable, "-m", "tests.fuzz.harnesses", name, "-max_total_time=60"]
    done = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/", str(tmp_path)],
        **{"cwd": ROOT, "capture_output": True, "text": True},
    )
    assert done.returncode == 0, done.stderr[-4_000:]
