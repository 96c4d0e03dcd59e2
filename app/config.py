"""What the launcher decides about one run of the app."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

View = Literal["app", "browser", "server"]
"""``app``: a window or the phone's screen; ``browser``: serve and open one; ``server``: serve."""

HOST: Final = "127.0.0.1"
PORT: Final = 8550
HUB_URL: Final = "http://127.0.0.1:8551"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo data, offered as one tap on the sign-in screen."""

    login: str
    password: str
    name: str
    does: str


DEMO_ACCOUNTS: Final = (
    DemoAccount("ana", "zava-demo", "Ana Morales", "Store worker: find, count and move"),
    DemoAccount("ben", "zava-demo", "Ben Carter", "Sales rep: customers and orders"),
    DemoAccount("cleo", "zava-demo", "Cleo Nakamura", "Store manager: everything in one store"),
)


@dataclass(frozen=True, slots=True)
class AppConfig:
    """Where the app keeps its replicas, which hub it syncs with, and how it is shown."""

    data_dir: Path
    hub_url: str = HUB_URL
    host: str = HOST
    port: int = PORT
    demo: bool = False
    view: View = "app"
    accounts: tuple[DemoAccount, ...] = DEMO_ACCOUNTS

    @property
    def offered(self) -> tuple[DemoAccount, ...]:
        """The accounts the sign-in screen may name: none outside the demo."""
        return self.accounts if self.demo else ()


def on_device() -> AppConfig:
    """The configuration of an installed app: the platform's durable folder, and the hub by name."""
    folder = os.environ.get("FLET_APP_STORAGE_DATA") or ".zava"
    return AppConfig(
        data_dir=Path(folder), hub_url=os.environ.get("ZAVA_HUB_URL") or HUB_URL, view="app"
    )
