"""The connector from end to end over real sockets, beside what its MongoDB can do by itself.

The server is the one of the tests (nx-27017, or the one ZAVA_TEST_MONGODB_URI names). *Ceiling* is
the driver alone doing what the connector has to do there: for *out* bulks of guarded updates, for
*in* a change stream that is read and, where it has documents in a form of its own, their reading.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient, UpdateOne, WriteConcern

from benchmarks.measure import Figure, duration, ratio
from sync.connector.pace import sleep
from tests.helpers.connectors import TwoWays, plan, two_ways, until
from tests.helpers.mongo_server import mongo_server, named_server

DOCUMENTS = 1_000
DATABASE = "zava_bench"
PLAN = "mongodb: {{database: {database}}}\ncollections: [{{name: inventory}}]\n"
LOAD_WRITES = 300
LOAD_PAUSE_MS = 20
LOOK_MS = 1
LOOKS_MAX = 60_000
ROUNDS_MAX = 7
Mongo = AsyncMongoClient[dict[str, Any]]


def figures(rounds: int) -> list[Figure]:
    """Everything of this suite."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="zava-line-")))
        uri = named_server() or held.enter_context(mongo_server(folder / "mongo")).uri
        found = asyncio.run(_measured(folder, uri, min(rounds, ROUNDS_MAX)))
    many = f"{DOCUMENTS:,} documents"
    return [
        duration(f"out: {many} until MongoDB has them", found.out),
        duration("the server's ceiling: guarded bulk updates", found.out_ceiling),
        ratio("out, times the ceiling's time", found.out, found.out_ceiling),
        duration(f"in: {many} until the hub has them", found.into),
        duration("the server's ceiling: stream and documents", found.into_ceiling),
        ratio("in, times the ceiling's time", found.into, found.into_ceiling),
        duration("lag under load, p50", [_at(found.lags, 0.50)]),
        duration("lag under load, p95", [_at(found.lags, 0.95)]),
    ]


@dataclass
class Found:
    """Seconds, round by round."""

    out: list[float] = field(default_factory=list)
    out_ceiling: list[float] = field(default_factory=list)
    into: list[float] = field(default_factory=list)
    into_ceiling: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)


async def _measured(folder: Path, uri: str, rounds: int) -> Found:
    found = Found()
    async with Mongo(uri, tz_aware=True) as mongo:
        await mongo.drop_database(DATABASE)
        await mongo[DATABASE]["inventory"].insert_many([_shelf(n) for n in range(DOCUMENTS)])
        await mongo[DATABASE]["ceiling"].insert_many([_shelf(n) for n in range(DOCUMENTS)])
        async with two_ways(folder, uri, plan(DATABASE, PLAN)) as both:
            await until(lambda: both.hub.replica.count("inventory") == DOCUMENTS)
            await until(both.is_idle)
            for number in range(1, rounds + 1):
                found.out_ceiling.append(await _timed(_bulk, mongo, number))
                found.out.append(await _timed(_out, both, number))
                await until(both.is_idle)
                found.into_ceiling.append(await _read(mongo, number))
                found.into.append(await _timed(_in, both, mongo, number))
            found.lags = await _lags(both, mongo)
        await mongo.drop_database(DATABASE)
    return found


async def _timed(run: Callable[..., Awaitable[None]], *arguments: Any) -> float:
    started = time.perf_counter()
    await run(*arguments)
    return time.perf_counter() - started


def _shelf(number: int) -> dict[str, Any]:
    shelf = {"_id": f"inv_{number:06}", "store_id": "store_seattle", "product_id": f"p{number}"}
    return {**shelf, "stock_level": 50, "notes": "as delivered", "location": {"aisle": "3"}}


async def _bulk(mongo: Mongo, number: int) -> None:
    """What the sink sends for as many counts, sent by the driver alone."""
    place = mongo[DATABASE].get_collection("ceiling", write_concern=WriteConcern("majority"))
    before: Any = {"$exists": False} if number == 1 else number - 1
    change = {"$inc": {"stock_level": -1}, "$set": {"_zava.bench": number}}
    ids = [f"inv_{n:06}" for n in range(DOCUMENTS)]
    bulk = [UpdateOne({"_id": doc_id, "_zava.bench": before}, change) for doc_id in ids]
    await place.bulk_write(bulk, ordered=False)


async def _out(both: TwoWays, number: int) -> None:
    """One count of every document on the hub."""
    wanted = both.connector.tally.writes["applied"] + DOCUMENTS
    with both.hub.replica.transaction() as tx:
        for n in range(DOCUMENTS):
            tx.increment("inventory", f"inv_{n:06}", ("stock_level",), -1)
    both.hub.doorbell.ring()
    await _soon(lambda: both.connector.tally.writes["applied"] >= wanted)


async def _read(mongo: Mongo, number: int) -> float:
    """The stream of one change of every document, and the documents."""
    place = mongo[DATABASE]["ceiling"]
    async with await place.watch(max_await_time_ms=250) as stream:
        await place.update_many({}, {"$set": {"notes": f"round {number}"}})
        started, keys = time.perf_counter(), []
        while len(keys) < DOCUMENTS:
            change = await stream.try_next()
            keys += [] if change is None else [change["documentKey"]["_id"]]
        for start in range(0, DOCUMENTS, 250):
            await place.find({"_id": {"$in": keys[start : start + 250]}}).to_list()
        return time.perf_counter() - started


async def _in(both: TwoWays, mongo: Mongo, number: int) -> None:
    """One change of every document in MongoDB."""
    note = f"round {number}"
    await mongo[DATABASE]["inventory"].update_many({}, {"$set": {"notes": note}})
    last = f"inv_{DOCUMENTS - 1:06}"
    await _soon(lambda: _has(both, last, "notes", note))


async def _lags(both: TwoWays, mongo: Mongo) -> list[float]:
    """Seconds from a write in MongoDB to the hub, while others write and the hub counts."""
    inventory, lags = mongo[DATABASE]["inventory"], []
    for number in range(LOAD_WRITES):
        with both.hub.replica.transaction() as tx:
            tx.increment("inventory", f"inv_{number:06}", ("stock_level",), -1)
        both.hub.doorbell.ring()
        other = f"inv_{number + LOAD_WRITES:06}"
        started = time.perf_counter()
        await inventory.update_one({"_id": other}, {"$set": {"sent": number}})
        await _soon(partial(_has, both, other, "sent", number))
        lags.append(time.perf_counter() - started)
        await sleep(LOAD_PAUSE_MS)
    return lags


async def _soon(condition: Callable[[], bool]) -> None:
    """Look every millisecond until something holds."""
    for _ in range(LOOKS_MAX):
        if condition():
            return
        await sleep(LOOK_MS)
    raise TimeoutError("what is measured does not come")


def _has(both: TwoWays, doc_id: str, name: str, value: Any) -> bool:
    held = both.hub.replica.get("inventory", doc_id)
    return held is not None and held.get(name) == value


def _at(lags: list[float], share: float) -> float:
    return sorted(lags)[min(len(lags) - 1, int(len(lags) * share))]
