"""A power cut, a bad disk: an earlier state or an error with a name, never something else."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.torture.damage import IN_FILE, IN_WAL, Specimen, flipped, memory_folder

SEED = 5
FLIPS_OF_WAL, FLIPS_OF_FILE = 40, 120
MORE_SEEDS = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 14)]


@pytest.fixture(scope="module")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Specimen]:
    with memory_folder(tmp_path_factory.mktemp("damage")) as folder:
        yield Specimen.grown(folder, SEED)


def test_a_wal_cut_anywhere_is_an_earlier_state(specimen: Specimen) -> None:
    """At every frame, and at an odd place within every fourth."""
    chance, states = random.Random(SEED), set()
    for number, start in enumerate(specimen.frames()):
        for cut in (start, start + chance.randrange(1, 8_216))[: 2 if number % 4 == 0 else 1]:
            outcome = specimen.outcome(specimen.main, specimen.wal[:cut])
            assert outcome.startswith("state "), f"cut at {cut}: {outcome}"
            states.add(int(outcome.removeprefix("state ")))
    assert states == set(range(IN_FILE, IN_FILE + IN_WAL + 1))


@pytest.mark.parametrize("seed", [SEED, *MORE_SEEDS])
def test_a_flipped_bit_in_the_wal_is_an_earlier_state(specimen: Specimen, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(FLIPS_OF_WAL):
        wal, place = flipped(specimen.wal, chance)
        outcome = specimen.outcome(specimen.main, wal)
        assert outcome.startswith("state "), f"bit flipped in byte {place}: {outcome}"


@pytest.mark.parametrize("seed", [SEED, *MORE_SEEDS])
def test_a_flipped_bit_in_the_file_is_named_or_does_no_harm(specimen: Specimen, seed: int) -> None:
    chance, outcomes = random.Random(seed), Counter[str]()
    for _ in range(FLIPS_OF_FILE):
        main, place = flipped(specimen.main, chance)
        outcome = specimen.outcome(main, b"")
        assert outcome != "wrong", f"bit flipped in byte {place}"
        outcomes[outcome] += 1
    assert outcomes["database_corrupt"] > FLIPS_OF_FILE / 10, outcomes


def test_pages_of_an_older_file_are_named_or_do_no_harm(specimen: Specimen) -> None:
    """A disk that lost single writes of a checkpoint: pages of one age beside pages of another."""
    chance = random.Random(SEED)
    size = 8_192
    for _ in range(40):
        main = bytearray(specimen.main)
        page = chance.randrange(1, len(main) // size) * size
        main[page : page + size] = bytes(size)
        assert specimen.outcome(bytes(main), b"") in {"database_corrupt", f"state {IN_FILE}"}
