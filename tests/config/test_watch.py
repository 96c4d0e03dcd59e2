"""A watched file is told whenever it changes, its mistakes too."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from pydantic import BaseModel

from sync.config import Config, read_config, watched
from sync.errors import ConfigError, ConfigInvalid, ConfigUnreadable

SECONDS_MAX = 20.0


class Shop(BaseModel):
    name: str


Found = Config[Shop] | ConfigError


async def following(states: AsyncIterator[Found]) -> Found:
    async with asyncio.timeout(SECONDS_MAX):
        return await anext(states)


def name_of(found: Found) -> str:
    assert isinstance(found, Config)
    return found.value.name


async def test_each_new_state_is_told_and_a_broken_one_as_its_error(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("name: one")
    seen = read_config(path, Shop)
    async with aclosing(watched(path, lambda: read_config(path, Shop), seen.text)) as states:
        path.write_text("name: two")
        assert name_of(await following(states)) == "two"
        path.write_text("nmae: three")
        assert isinstance(await following(states), ConfigInvalid)
        (tmp_path / "new").write_text("name: two")
        os.replace(tmp_path / "new", path)
        assert name_of(await following(states)) == "two"
        path.unlink()
        assert isinstance(await following(states), ConfigUnreadable)


async def test_a_change_before_the_watch_began_is_told(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("name: two")
    async with aclosing(watched(path, lambda: read_config(path, Shop), "name: one")) as states:
        assert name_of(await following(states)) == "two"


async def test_a_stop_ends_the_watch(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("name: one")
    stop = asyncio.Event()
    stop.set()
    states = watched(path, lambda: read_config(path, Shop), "name: one", stop)
    assert [found async for found in states] == []
