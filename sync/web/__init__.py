"""The hub over HTTP: a thin Starlette skin that knows bytes, limits and status codes, no rules.

POST /v1/sign-in   login and password for a token                         JSON
POST /v1/push      batches of one device; the answer says what is held    zlib in, zlib out
POST /v1/pull      a cursor for a stream of frames that never ends        JSON in, zlib stream
GET  /v1/health    whether the hub works, and how far its log is          JSON

``GET /v1/openapi.json`` describes them to programs.
"""

from sync.web.app import create_app

__all__ = ["create_app"]
