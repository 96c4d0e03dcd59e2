"""The database tools are tried on the server that the connector is tried on."""

from __future__ import annotations

from tests.connector.conftest import database, mongo, mongo_uri

__all__ = ["database", "mongo", "mongo_uri"]
