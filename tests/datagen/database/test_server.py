"""What is said of a server and of the way to it: a sentence each, and what to do."""

from __future__ import annotations

import gc
import socket
import warnings
from collections.abc import Iterator
from dataclasses import replace

import pytest

from datagen.database.server import Facts, examined, judge
from datagen.database.verdict import Verdict, is_well
from sync.connector import connection
from sync.connector.connection import Client, connect
from sync.system import SystemClock
from tests.helpers.scripted_mongo import HELLO, Answer, refused, scripted

SECRET = "hammer-and-nails"
SET = {**HELLO, "setName": "rs0", "hosts": ["a:1", "b:1", "c:1"]}
FACTS = Facts(
    version="7.0.14",
    hello=SET,
    roles=("dbAdmin", "readWrite"),
    user="zava",
    databases=("admin", "zava"),
    collections=11,
    latency_ms=1.4,
)


def by_name(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {each.name: each for each in verdicts}


def test_a_server_to_work_with_gets_no_remedies() -> None:
    verdicts = judge(FACTS, "zava")
    assert {each.outcome for each in verdicts} == {"good"}
    assert [each.remedy for each in verdicts] == [""] * len(verdicts)


@pytest.mark.parametrize(
    ("facts", "name", "outcome", "word"),
    [
        (replace(FACTS, hello=HELLO), "topology", "bad", "rs.initiate"),
        (replace(FACTS, hello={**HELLO, "msg": "isdbgrid"}), "topology", "good", ""),
        (replace(FACTS, version="4.2.25"), "server", "bad", "4.4"),
        (replace(FACTS, version="5.0.31"), "server", "note", ""),
        (replace(FACTS, version="next"), "server", "note", ""),
        (replace(FACTS, roles=("read",)), "roles", "bad", "readWrite on zava"),
        (replace(FACTS, roles=("readAnyDatabase",)), "roles", "bad", "readWrite on zava"),
        (replace(FACTS, roles=()), "roles", "bad", "readWrite on zava"),
        (replace(FACTS, roles=("readWrite",)), "dbAdmin", "note", "enable-change-streams"),
        (replace(FACTS, roles=None), "user", "note", ""),
        (replace(FACTS, databases=("admin",)), "database", "note", "zava db load"),
        (replace(FACTS, databases=None), "database", "good", ""),
        (replace(FACTS, latency_ms=180.0), "latency", "note", "near the database"),
    ],
)
def test_each_lack_has_a_verdict_and_a_remedy(
    facts: Facts, name: str, outcome: str, word: str
) -> None:
    verdict = by_name(judge(facts, "zava"))[name]
    assert verdict.outcome == outcome
    assert word in verdict.remedy
    assert (outcome != "bad") == is_well([verdict])


async def looked(uri: str) -> list[Verdict]:
    client = connect(uri)
    try:
        return await examined(client, "zava", SystemClock())
    finally:
        await client.close()


async def test_a_server_is_asked_for_real(mongo: Client, mongo_uri: str, database: str) -> None:
    await mongo[database]["stores"].insert_one({"_id": "store_seattle"})
    client = connect(mongo_uri)
    verdicts = by_name(await examined(client, database, SystemClock()))
    await client.close()
    assert verdicts["server"].message.startswith("MongoDB ")
    assert verdicts["database"].message == f"{database} has 1 collections."
    assert verdicts["latency"].outcome in ("good", "note")


async def test_a_wrong_password_is_one_sentence_and_never_shown() -> None:
    def script(name: str, command: Answer) -> Answer | None:
        return refused(18, "Authentication failed.") if name == "saslStart" else None

    async with scripted(script, SET) as place:
        only = await looked(
            f"mongodb://zava:{SECRET}@{place}/?directConnection=true&authMechanism=PLAIN"
            "&authSource=$external"
        )
    assert [each.name for each in only] == ["connection"]
    assert only[0].outcome == "bad"
    assert "Authentication failed" in only[0].message
    assert "encode-password" in only[0].remedy
    assert SECRET not in str(only)


async def test_a_read_only_user_and_a_missing_role_are_told_apart() -> None:
    roles: list[Answer] = [{"role": "read", "db": "zava"}, {"role": "readWrite", "db": "other"}]

    def script(name: str, command: Answer) -> Answer | None:
        match name:
            case "buildInfo":
                return {"version": "7.0.14"}
            case "connectionStatus":
                users = [{"user": "zava", "db": "admin"}]
                info = {"authenticatedUsers": users, "authenticatedUserRoles": roles}
                return {"authInfo": info}
            case "listCollections":
                return {"cursor": {"id": 0, "ns": "zava.$cmd.listCollections", "firstBatch": []}}
            case "listDatabases":
                return refused(13, "not authorized on admin to execute command")
        return None

    async with scripted(script, SET) as place:
        verdicts = by_name(await looked(f"mongodb://{place}/?directConnection=true"))
        roles.clear()
        without = by_name(await looked(f"mongodb://{place}/?directConnection=true"))
    assert "may only read zava" in verdicts["roles"].message
    assert "no role on zava" in without["roles"].message
    assert verdicts["topology"].message == "Replica set rs0 of 3; this is its primary."


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The driver looks for a third of a second. Sockets it could not connect it leaves to the
    collector, which would blame the test that happens to run then."""
    monkeypatch.setattr(connection, "SERVER_SELECTION_MS_MAX", 300)
    monkeypatch.setattr(connection, "CONNECT_MS_MAX", 300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.mark.usefixtures("impatient")
async def test_nobody_listening_is_told_from_nobody_answering() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    (nobody,) = await looked(f"mongodb://127.0.0.1:{free}/")
    assert nobody.message.startswith("Nobody listens there.")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (mute,) = await looked(f"mongodb://127.0.0.1:{silent.getsockname()[1]}/")
    assert mute.message.startswith("Nobody answers there.")
    (unknown,) = await looked("mongodb://zava.invalid/")
    assert unknown.message.startswith("The name of the server is not known.")
    assert all(each.remedy for each in (nobody, mute, unknown))


@pytest.mark.usefixtures("impatient")
async def test_a_server_without_encryption_is_told_from_one_that_is_away() -> None:
    async with scripted(lambda name, command: None) as place:
        (plain,) = await looked(f"mongodb://{place}/?tls=true")
    assert plain.message.startswith("The two do not agree on an encrypted connection.")
    assert "tls=true" in plain.remedy


@pytest.mark.usefixtures("impatient")
async def test_a_seed_list_by_name_is_looked_up() -> None:
    (only,) = await looked("mongodb+srv://zava.invalid/")
    assert only.outcome == "bad"
    assert "SRV" in only.remedy
