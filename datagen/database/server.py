"""`zava db test-connection`: the server, its topology, the user's roles, the way there.

``gather`` asks; ``judge`` is pure, so that servers nobody has at hand can be judged in tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from datagen.database.verdict import Verdict, bad, good, note
from sync.connector.connection import Client, translated
from sync.errors import ZavaError
from sync.errors.mongo import MongoFailed, MongoRefused, MongoUnreachable
from sync.ports import Stopwatch

VERSION_MIN: Final = (4, 4)
IMAGES_FROM: Final = (6, 0)
LATENCY_MS_GOOD: Final = 100
PINGS: Final = 5
_WRITING: Final = frozenset({"readWrite", "readWriteAnyDatabase", "dbOwner", "root", "atlasAdmin"})
_READING: Final = frozenset({"read", "readAnyDatabase", "backup"})
_TENDING: Final = frozenset({"dbAdmin", "dbAdminAnyDatabase", "dbOwner", "root", "atlasAdmin"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server says of itself and of its user. ``roles`` is None where it does not check."""

    version: str
    hello: dict[str, Any]
    roles: tuple[str, ...] | None
    user: str
    databases: tuple[str, ...] | None
    collections: int
    latency_ms: float


async def examined(client: Client, database: str, stopwatch: Stopwatch) -> list[Verdict]:
    """Every verdict; a server that does not answer is one verdict with its reason."""
    try:
        facts = await gather(client, database, stopwatch)
    except ZavaError as error:
        return [unreached(error)]
    return judge(facts, database)


async def gather(client: Client, database: str, stopwatch: Stopwatch) -> Facts:
    """Ask the server."""
    with translated():
        hello = await client.admin.command("hello")
        info = await client.admin.command("buildInfo")
        status = await client.admin.command({"connectionStatus": 1, "showPrivileges": False})
        collections = await client[database].list_collection_names()
        latencies = [await _ping(client, stopwatch) for _ in range(PINGS)]
    who = status.get("authInfo") or {}
    users = [str(each.get("user", "")) for each in who.get("authenticatedUsers") or ()]
    return Facts(
        version=str(info.get("version", "")),
        hello=hello,
        roles=_roles(who.get("authenticatedUserRoles") or (), database) if users else None,
        user=", ".join(users),
        databases=await _databases(client),
        collections=len(collections),
        latency_ms=sorted(latencies)[PINGS // 2],
    )


async def _ping(client: Client, stopwatch: Stopwatch) -> float:
    began = stopwatch.ticks_ns()
    await client.admin.command("ping")
    return (stopwatch.ticks_ns() - began) / 1_000_000


async def _databases(client: Client) -> tuple[str, ...] | None:
    """None where the user may not list them."""
    try:
        with translated():
            return tuple(await client.list_database_names())
    except MongoRefused:
        return None


def _roles(roles: Sequence[dict[str, Any]], database: str) -> tuple[str, ...]:
    """Roles that count for this database: its own, and those of admin that reach everywhere."""
    mine = (r for r in roles if r.get("db") in (database, "admin"))
    return tuple(sorted({str(role.get("role", "")) for role in mine}))


def judge(facts: Facts, database: str) -> list[Verdict]:
    """The verdicts on what was gathered."""
    return [
        _version(facts.version),
        _topology(facts.hello),
        _sign_in(facts),
        *([] if facts.roles is None else _rights(facts.roles, database)),
        _contents(facts, database),
        _latency(facts.latency_ms),
    ]


def _version(version: str) -> Verdict:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if len(numbers) < 2:
        return note("server", f"The server calls itself {version!r}; the version is not known.")
    if numbers < VERSION_MIN:
        return bad("server", f"MongoDB {version} is too old.", "Upgrade it to 4.4 or later.")
    if numbers < IMAGES_FROM:
        return note("server", f"MongoDB {version}: no pre- and post-images, which need 6.0.")
    return good("server", f"MongoDB {version}.")


def _topology(hello: dict[str, Any]) -> Verdict:
    if name := hello.get("setName"):
        members = len(hello.get("hosts") or ())
        place = "its primary" if hello.get("isWritablePrimary") else "no primary"
        return good("topology", f"Replica set {name} of {members}; this is {place}.")
    if hello.get("msg") == "isdbgrid":
        return good("topology", "A sharded cluster.")
    return bad(
        "topology",
        "A standalone server: change streams need a replica set.",
        "Start mongod with --replSet rs0 and run rs.initiate() once; one member will do. "
        "`zava db test-change-streams` tells what a server really delivers.",
    )


def _sign_in(facts: Facts) -> Verdict:
    if facts.roles is None:
        return note("user", "Nobody had to sign in: the server does not check who asks.")
    return good("user", f"Signed in as {facts.user}.")


def _rights(roles: tuple[str, ...], database: str) -> list[Verdict]:
    held, listed = set(roles), ", ".join(roles) or "none"
    if held & _WRITING:
        may = good("roles", f"The user may read and write {database}: {listed}.")
    elif held & _READING:
        may = bad(
            "roles",
            f"The user may only read {database}: {listed}.",
            f"Grant readWrite on {database}: db.grantRolesToUser(…, ['readWrite']).",
        )
    else:
        may = bad(
            "roles",
            f"The user has no role on {database} that we know: {listed}.",
            f"Grant readWrite on {database}; a role of your own works if it contains that.",
        )
    if held & _TENDING:
        return [may]
    wanted = "Grant dbAdmin too for `zava db enable-change-streams`; nothing else needs it."
    return [may, note("dbAdmin", "Without dbAdmin, change streams cannot be set up.", wanted)]


def _contents(facts: Facts, database: str) -> Verdict:
    if facts.databases is not None and database not in facts.databases:
        near = f" There are: {', '.join(facts.databases[:8])}." if facts.databases else ""
        return note(
            "database",
            f"There is no database {database} yet.{near}",
            "It comes with the first document (`zava db load`); or name another with --database.",
        )
    return good("database", f"{database} has {facts.collections} collections.")


def _latency(latency_ms: float) -> Verdict:
    said = f"A round trip takes {latency_ms:.1f} ms."
    if latency_ms > LATENCY_MS_GOOD:
        return note("latency", said, "Run the connector near the database.")
    return good("latency", said)


_REASONS: Final = (
    (
        ("SSL", "TLS", "certificate"),
        "The two do not agree on an encrypted connection",
        "Check tls=true, the port, and tlsCAFile for a certificate of your own authority.",
    ),
    (
        ("DNS", "SRV", "resolution", "Name or service", "nodename", "does not exist"),
        "The name of the server is not known",
        "Check the host name; mongodb+srv:// needs a name with SRV records.",
    ),
    (
        ("refused", "Errno 111]", "Errno 61]", "WinError 1225", "WinError 10061"),
        "Nobody listens there",
        "Check host and port, and that mongod runs.",
    ),
    (
        ("timed out", "timeout", "No servers found", "Errno 113]", "unreachable"),
        "Nobody answers there",
        "Check the network: a firewall, or an address that is not on the access list of Atlas.",
    ),
    (
        ("ReplicaSetNoPrimary", "not primary", "No primary", "no primary", "replica set"),
        "The replica set has no primary, or another name",
        "Check replicaSet= in the connection string, and rs.status() on the server.",
    ),
)


def unreached(error: ZavaError) -> Verdict:
    """Why there was no answer at all."""
    said = str(error)
    if isinstance(error, MongoRefused):
        remedy = "Check user and password (encode it with `zava db encode-password`), authSource."
        return bad("connection", said, remedy)
    if isinstance(error, MongoUnreachable | MongoFailed):
        for signs, meaning, remedy in _REASONS:
            if any(sign in said for sign in signs):
                return bad("connection", f"{meaning}. {said}", remedy)
    return bad("connection", said, error.remedy)
