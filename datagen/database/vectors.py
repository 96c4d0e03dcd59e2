"""The vector search indexes, where the server has search indexes; the reason where it has not."""

from __future__ import annotations

from typing import Any, Final

from pymongo.errors import OperationFailure, PyMongoError

from datagen.database.indexing import Database
from datagen.database.verdict import Verdict, good, note
from sync.connector.connection import told, translated

COLLECTION: Final = "product_embeddings"
NAMES: Final = {
    "description_embedding": "vector_description_search",
    "image_embedding": "vector_image_search",
}
_REMEDY: Final = "Use MongoDB Atlas, or mongod 8.2 with mongot; everything else works without."


def definition(path: str, dimensions: int) -> dict[str, Any]:
    """A vector search index as `createSearchIndexes` takes it."""
    vector = {"type": "vector", "path": path, "numDimensions": dimensions, "similarity": "cosine"}
    return {"fields": [vector, {"type": "filter", "path": "product_id"}]}


async def create(database: Database) -> list[Verdict]:
    """Make one for each kind of embedding that the data has, as long as it is there."""
    found: list[Verdict] = []
    for path, name in NAMES.items():
        with translated():
            sample = await database[COLLECTION].find_one({path: {"$exists": True}})
        vector = (sample or {}).get(path)
        if not isinstance(vector, list) or not vector:
            found.append(note(name, f"No document of {COLLECTION} has an {path}."))
        else:
            found.append(await _made(database, name, path, len(vector)))
    return found


async def _made(database: Database, name: str, path: str, dimensions: int) -> Verdict:
    index = {
        "name": name,
        "type": "vectorSearch",
        "definition": definition(path, dimensions),
    }
    try:
        await database.command({"createSearchIndexes": COLLECTION, "indexes": [index]})
        listed = await (await database[COLLECTION].list_search_indexes()).to_list()
    except OperationFailure as error:
        if error.code == 68:  # IndexAlreadyExists
            return good(name, f"There already, of {path}.")
        return note(name, f"This server has no search indexes: {told(error)}", _REMEDY)
    except PyMongoError as error:
        raise told(error) from None
    if any(each.get("name") == name for each in listed):
        return good(name, f"Made of {path}, {dimensions} dimensions; the server builds it now.")
    return note(name, "The server took the index and does not list it: it has none.", _REMEDY)
