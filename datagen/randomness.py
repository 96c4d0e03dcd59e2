"""The one source of chance: a generator per area, so that areas never disturb each other."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from app.domain import ids


def source(seed: int, area: str) -> random.Random:
    """A generator for one area of the data set; adding an area leaves the others as they were."""
    return random.Random(f"zava/{seed}/{area}")


def uuid4(rng: random.Random) -> str:
    """A version 4 UUID drawn from the generator."""
    return ids.uuid4(rng.getrandbits(128))


def moment(rng: random.Random, start: datetime, end: datetime) -> datetime:
    """A whole second between two instants; `end` when they are the wrong way round."""
    seconds = int((end - start).total_seconds())
    return start + timedelta(seconds=rng.randint(0, seconds)) if seconds > 0 else end
