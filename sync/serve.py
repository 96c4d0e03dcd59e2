"""The hub as a process: its file, its HTTP skin and a socket, started and stopped cleanly.

    python -m sync.serve --data hub.sqlite --port 8551

Prints one line when it is ready, as JSON with ``--json``. SIGINT and SIGTERM end open streams at
once, let the rest finish and close the file.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn

from sync.config import Config
from sync.errors import PortInUse, ZavaError
from sync.hub.engine import Hub
from sync.hub.permission_file import PermissionFile
from sync.hub.permissions import Permissions, follow, read_permissions
from sync.system import SystemClock, SystemEntropy
from sync.web import create_app
from sync.web.addresses import CONNECTIONS_PER_ADDRESS_MAX, AddressLimit
from sync.web.connections import IDLE_SECONDS_MAX, Connection

HOST = "127.0.0.1"
PORT = 8551
PORT_MAX = 65_535
SHUTDOWN_SECONDS_MAX = 3
BACKLOG = 512
GARBAGE_THRESHOLDS = (100_000, 50, 100)
"""Objects that must have been added before the youngest are looked through, and how often that
before the older ones are."""

EXIT_FAILED = 1
EXIT_PORT_IN_USE = 2


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a hub listens, once it does."""

    url: str
    port: int
    hub_id: str


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """One run of a hub. ``port`` 0 takes any free one; ``on_ready`` is told which."""

    path: Path
    host: str = HOST
    port: int = PORT
    on_ready: Callable[[Ready], None] | None = None
    until_stdin_closes: bool = False
    """Stop when standard input ends, so that a hub never outlives the program that started it."""
    connections_per_address: int = CONNECTIONS_PER_ADDRESS_MAX
    """How many one address may hold at once; all devices behind one proxy or router share it."""
    permissions: Path | None = None
    """Who may what, read again whenever it changes; None: the built-in rules."""
    beside: Callable[[Hub], AbstractAsyncContextManager[None]] | None = None
    """What runs beside the hub while it serves, such as a connector; what it raises at its start
    ends the hub."""


def serve(config: ServeConfig) -> None:
    """Run a hub until a signal stops it. ``PortInUse``, a ``ConfigError``, or what opening the file
    raises."""
    with closing(listen(config.host, config.port)) as listener:
        clock = SystemClock()
        file = None if config.permissions is None else read_permissions(config.permissions)
        permissions = Permissions.of(file, clock.now_ms())
        hub = Hub.open(config.path, clock=clock, entropy=SystemEntropy(), permissions=permissions)
        with closing(hub):
            _look_for_garbage_seldom()
            asyncio.run(_serve_until_stopped(hub, listener, config, file))


def _look_for_garbage_seldom() -> None:
    """Nearly all that a hub makes goes by itself. Looking for the rest as often as Python does took
    an eighth of the time of a busy one, in pauses of up to a fifth of a second."""
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


async def _serve_until_stopped(
    hub: Hub,
    listener: socket.socket,
    config: ServeConfig,
    permissions: Config[PermissionFile] | None,
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        with suppress(RuntimeError):  # the loop is closed: we are stopping already
            loop.call_soon_threadsafe(stopping.set)

    with _stop_on_signals(stop):
        if config.until_stdin_closes:
            _watch_stdin(stop)
        addresses = AddressLimit(config.connections_per_address)
        beside = nullcontext() if config.beside is None else config.beside(hub)
        async with beside, _following(hub, config.permissions, permissions, stopping):
            await serve_hub(hub, listener, stopping, config.on_ready, addresses)


@asynccontextmanager
async def _following(
    hub: Hub,
    path: Path | None,
    seen: Config[PermissionFile] | None,
    stopping: asyncio.Event,
) -> AsyncIterator[None]:
    """Have the hub follow its permission file, if it has one, until it stops."""
    if path is None or seen is None:
        yield
        return
    watching = asyncio.create_task(follow(path, seen.text, hub.follow, stopping))
    try:
        yield
    finally:
        stopping.set()
        await watching


async def serve_hub(
    hub: Hub,
    listener: socket.socket,
    stopping: asyncio.Event,
    on_ready: Callable[[Ready], None] | None = None,
    addresses: AddressLimit | None = None,
) -> None:
    """Serve an open hub on a listening socket until ``stopping`` is set; streams end at once."""
    server = _Server(
        uvicorn.Config(
            create_app(hub, stopping),
            access_log=False,
            date_header=False,
            http=partial(Connection, addresses=addresses or AddressLimit()),  # type: ignore[arg-type]
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
            timeout_keep_alive=IDLE_SECONDS_MAX,
            ws="none",
        )
    )
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    if on_ready is not None:
        server.on_started = partial(on_ready, Ready(f"http://{shown}:{port}", port, hub.hub_id))
    exiting = asyncio.create_task(server.exit_after(stopping))
    try:
        await server.serve(sockets=[listener])
    finally:
        exiting.cancel()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or ``PortInUse``."""
    if not 0 <= port <= PORT_MAX:
        raise PortInUse(f"There is no port {port}; they go up to {PORT_MAX}.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise PortInUse(f"{host} is no address of this machine.") from error
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would let two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise PortInUse(f"Cannot listen on {host} port {port}: {reason}.") from error
    return listener


class _Server(uvicorn.Server):
    """Uvicorn with our own word on when it is ready and how it stops."""

    on_started: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.on_started is not None:
            self.on_started()

    async def exit_after(self, stopping: asyncio.Event) -> None:
        """Begin to stop as soon as the event is set."""
        await stopping.wait()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to ``_stop_on_signals``: after uvicorn's own nothing more would run."""
        yield


@contextmanager
def _stop_on_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call ``stop`` on SIGINT and SIGTERM, where signals can be listened to: the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        stop()

    before = {each: signal.signal(each, handle) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch_stdin(stop: Callable[[], object]) -> None:
    """Call ``stop`` when standard input ends. The thread dies with the process."""
    descriptor = sys.stdin.fileno()

    def watch() -> None:
        while os.read(descriptor, 4_096):  # not sys.stdin.buffer: its lock would outlive us
            continue
        stop()

    threading.Thread(target=watch, name="stdin", daemon=True).start()


def main(arguments: list[str] | None = None) -> int:
    """The command line of a bare hub; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sync.serve", description="Run a Zava hub.")
    parser.add_argument("--data", type=Path, required=True, help="the hub's SQLite file")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=PORT, help="0 for any free one")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--until-stdin-closes", action="store_true")
    parser.add_argument(
        "--connections-per-address",
        type=int,
        default=CONNECTIONS_PER_ADDRESS_MAX,
        help="how many one address may hold at once",
    )
    parser.add_argument("--permissions", type=Path, help="who may what; default: built in")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.umask(0o077)  # the file holds password hashes and the signing key

    def announce(ready: Ready) -> None:
        fields = {"url": ready.url, "port": ready.port, "hub_id": ready.hub_id}
        print(json.dumps({"ready": fields}) if chosen.json else f"hub on {ready.url}", flush=True)

    config = ServeConfig(
        path=chosen.data,
        host=chosen.host,
        port=chosen.port,
        on_ready=announce,
        until_stdin_closes=chosen.until_stdin_closes,
        connections_per_address=chosen.connections_per_address,
        permissions=chosen.permissions,
    )
    try:
        serve(config)
    except ZavaError as error:
        if chosen.json:
            print(json.dumps({"error": error.to_json()}), flush=True)
        else:
            print(f"error: {error}\nwhat to do: {error.remedy} [{error.code}]", file=sys.stderr)
        return EXIT_PORT_IN_USE if isinstance(error, PortInUse) else EXIT_FAILED
    except KeyboardInterrupt:  # before it listened to signals
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
