"""`zava demo`: demo data, a hub in a process of its own, and the app served by this one."""

from __future__ import annotations

import os
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich import box
from rich.table import Table

from app.cli import output
from app.cli.data import fill_hub
from app.cli.data_dir import DataDir, open_directory
from app.cli.hub_process import RunningHub, hub_process
from app.domain.roles import TITLES, Role
from datagen.generate import data_set
from datagen.people import DEMO_ACCOUNTS, Account
from datagen.recipe import Recipe
from datagen.stores import STORES
from sync.errors import DatabaseCorrupt, DatabaseForeign, DatabaseNewer
from sync.hub import Hub
from sync.serve import listen
from sync.system import SystemClock, SystemEntropy

SEED = 7
_POLL_SECONDS = 0.1
_EVERY_ADDRESS = ("0.0.0.0", "::", "")


@dataclass(frozen=True, slots=True)
class Demo:
    """One run of the demo, as the command line asks for it."""

    data_dir: Path
    host: str
    port: int
    fresh: bool
    open_browser: bool
    as_json: bool
    permissions: Path | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where this machine reaches the app."""
        return ("127.0.0.1" if self.host in _EVERY_ADDRESS else self.host), self.port

    @property
    def url(self) -> str:
        host, port = self.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run_demo(demo: Demo) -> None:
    """Run until Ctrl-C. The data of an earlier run is used again, unless it is to be fresh."""
    free_port(demo.host, demo.port)  # one in use is named before anything is made
    directory = open_directory(demo.data_dir)
    _refuse_while_in_use(directory)
    if demo.fresh:
        directory.wipe()
    made = _make_data(directory, quiet=demo.as_json)
    rules = demo.permissions
    with hub_process(directory.hub, directory.hub_log, host="127.0.0.1", permissions=rules) as hub:
        demo = replace(demo, port=free_port(demo.host, demo.port))  # not that of the hub
        announce = partial(_announce, demo, hub, directory, made=made)
        with _when_up(demo.address, announce):
            _run_app(demo, directory, hub)
        if not hub.is_running:
            output.aside.print(f"The hub had stopped by itself; {directory.hub_log} says why.")


def free_port(host: str, port: int) -> int:
    """The port, or any free one for 0. Raises ``PortInUse``."""
    with closing(listen(host, port)) as listener:
        return int(listener.getsockname()[1])


def shown_accounts() -> list[Account]:
    """One account of each role: those of the first store, and the one for all stores."""
    first = STORES[0].store_id
    return [each for each in DEMO_ACCOUNTS if each.store_id in (first, None)]


def _refuse_while_in_use(directory: DataDir) -> None:
    """Raise ``DatabaseLocked`` while another process has the data open, before anything changes,
    and whatever else leaves that in doubt."""
    for path in (directory.hub, directory.unfinished_hub):
        if not path.exists():
            continue
        try:
            Hub.open(path, clock=SystemClock(), entropy=SystemEntropy()).close()
        except (DatabaseCorrupt, DatabaseForeign, DatabaseNewer):
            continue  # such a file may be wiped; otherwise the hub says what is wrong with it


def _make_data(directory: DataDir, *, quiet: bool) -> bool:
    """Make the demo data unless it is there; whether it was made now. Cut short, it starts anew."""
    directory.forget(directory.unfinished_hub)
    if directory.hub.exists():
        return False
    with output.progress_bar("Making the demo data", quiet=quiet) as progress:
        recipe = Recipe.of("demo", seed=SEED, as_of=datetime.now(UTC))
        fill_hub(directory.unfinished_hub, data_set(recipe, progress), recipe)
    directory.unfinished_hub.replace(directory.hub)
    return True


def _run_app(demo: Demo, directory: DataDir, hub: RunningHub) -> None:
    """Serve the app until a signal stops it."""
    from app.config import AppConfig
    from app.main import run

    os.environ["FLET_FORCE_WEB_SERVER"] = "1"  # a desktop window even where there is a display
    config = AppConfig(
        data_dir=directory.root,
        hub_url=hub.url,
        host=demo.host,
        port=demo.port,
        demo=True,
        view="server",
    )
    run(config)


@contextmanager
def _when_up(address: tuple[str, int], then: Callable[[], None]) -> Iterator[None]:
    """Call ``then`` in a thread as soon as something listens, unless the block ends before."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_POLL_SECONDS):
            try:
                socket.create_connection(address, timeout=1).close()
            except OSError:
                continue
            then()
            return

    watcher = threading.Thread(target=watch, name="when-up", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _announce(demo: Demo, hub: RunningHub, directory: DataDir, *, made: bool) -> None:
    """Say where everything is and who may sign in; open a browser if asked to."""
    accounts = shown_accounts()
    if demo.as_json:
        fields = ("login", "password", "role", "store_id", "display_name")
        output.say_json(
            ready={
                "url": demo.url,
                "hub_url": hub.url,
                "hub_id": hub.hub_id,
                "data_dir": str(directory.root.resolve()),
                "made": made,
                "accounts": [{name: getattr(each, name) for name in fields} for each in accounts],
            }
        )
    else:
        table = Table(box=box.ROUNDED, header_style="bold", border_style="dim")
        for heading in ("Sign in as", "Password", "Who"):
            table.add_column(heading)
        for each in accounts:
            who = f"{each.display_name}, {TITLES[Role(each.role)].lower()}"
            table.add_row(each.login, each.password, who)
        output.say("\n[bold]Zava Edge[/] is up: [bold cyan]{url}[/]", url=demo.url)
        output.screen.print(table)
        freshly = "made just now" if made else "from an earlier run"
        text = "[dim]Hub: {hub}. Data: {root}, {freshly}. Ctrl-C stops both.[/]"
        output.say(text, hub=hub.url, root=directory.root, freshly=freshly)
    if demo.open_browser:
        webbrowser.open(demo.url)
