"""Images and streams: set up where the server has them, tried, and explained where it has not."""

from __future__ import annotations

from datetime import UTC, datetime

from datagen.database import streams, vectors
from sync.connector.connection import Client, connect
from sync.system import SystemClock
from tests.helpers.scripted_mongo import HELLO, Answer, refused, scripted

SET = {**HELLO, "setName": "rs0", "hosts": ["a:1"]}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def test_images_are_kept_or_it_is_said_why_not(mongo: Client, database: str) -> None:
    (only,) = await streams.enable(mongo[database])
    assert only.name == "images"
    assert only.outcome in ("good", "note")
    assert bool(only.remedy) == (only.outcome == "note")


async def enabled(script: object) -> tuple[str, str, str]:
    async with scripted(script, SET) as place:  # type: ignore[arg-type]
        client = connect(f"mongodb://{place}/?directConnection=true")
        (only,) = await streams.enable(client["zava"])
        await client.close()
    return only.outcome, only.message, only.remedy


async def test_who_may_not_set_them_up_is_told_the_role() -> None:
    def script(name: str, command: Answer) -> Answer | None:
        return refused(13, "not authorized on zava to execute command") if name == "collMod" else {}

    outcome, _, remedy = await enabled(script)
    assert (outcome, "dbAdmin" in remedy) == ("bad", True)


async def test_an_old_server_is_no_fault() -> None:
    def script(name: str, command: Answer) -> Answer | None:
        message = "BSON field 'collMod.changeStreamPreAndPostImages' is an unknown field."
        return refused(40415, message) if name == "collMod" else {}

    outcome, message, _ = await enabled(script)
    assert (outcome, "unknown field" in message) == ("note", True)


async def test_a_server_that_has_them_makes_the_collections_that_are_missing() -> None:
    made: list[str] = []

    def script(name: str, command: Answer) -> Answer | None:
        match name:
            case "collMod" if command["collMod"] not in made:
                return refused(26, "ns does not exist")
            case "create":
                made.append(command["create"])
            case "listCollections":
                options = {streams.IMAGES: {"enabled": True}}
                batch = [{"name": command["filter"]["name"], "options": options}]
                return {"cursor": {"id": 0, "ns": "zava.$cmd.listCollections", "firstBatch": batch}}
        return None

    outcome, message, _ = await enabled(script)
    assert outcome == "good"
    assert set(made) == set(streams.SYNCED)
    assert all(name in message for name in made)


async def test_a_change_makes_the_round(mongo: Client, database: str) -> None:
    found = await streams.test(mongo[database], "trial_1", SystemClock(), NOW)
    assert {each.name: each.outcome for each in found}["streams"] == "good"


async def test_a_server_without_streams_is_named() -> None:
    def script(name: str, command: Answer) -> Answer | None:
        if name == "aggregate":
            message = "The $changeStream stage is only supported on replica sets"
            return refused(40573, message)
        return None

    async with scripted(script, HELLO) as place:
        client = connect(f"mongodb://{place}/?directConnection=true")
        (only,) = await streams.test(client["zava"], "trial_1", SystemClock(), NOW)
        await client.close()
    assert only.outcome == "bad"
    assert "replica set" in only.remedy


async def test_vector_indexes_have_the_dimensions_of_the_data(mongo: Client, database: str) -> None:
    place = mongo[database]
    await place[vectors.COLLECTION].insert_one(
        {"_id": "p1", "product_id": "p1", "description_embedding": [0.5] * 384}
    )
    found = {each.name: each for each in await vectors.create(place)}
    text, image = found["vector_description_search"], found["vector_image_search"]
    assert text.outcome == "good" or "Atlas" in text.remedy
    assert image.message.startswith("No document")
    made = vectors.definition("description_embedding", 384)["fields"][0]
    assert (made["numDimensions"], made["similarity"]) == (384, "cosine")
