"""Drives the Python side of the app with no client, no socket and no browser (Flet 1.0.5).

A fake connection answers what a client would answer. Messages are encoded as for a real client,
because encoding takes the snapshots that later differences are made against.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page, context
from flet.messaging.connection import Connection
from flet.messaging.protocol import (
    Message,
    MessageAction,
    RegisterClientResponseBody,
    configure_encode_object_for_msgpack,
)
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

INVOKE_METHOD, SESSION_CRASHED = 5, 6
TURNS = 8
LOOKS_MAX = 300
_BODY_FIELDS = ("_overlay", "_dialogs", "_b", "_values")
_encode = configure_encode_object_for_msgpack(BaseControl)
Kind = TypeVar("Kind", bound=BaseControl)


class FakeConnection(Connection):
    """Takes what the server sends and answers as a browser would."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(1)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.page_url = "ws://test"
        self.sent: list[Any] = []
        self.session: Session | None = None

    def send_message(self, message: Message) -> None:
        raw = msgpack.packb([message.action, message.body], default=_encode)
        sent = msgpack.unpackb(raw, strict_map_key=False)
        self.sent.append(sent)
        if sent[0] == INVOKE_METHOD and self.session is not None:
            self.loop.call_soon(self._answer, sent[1])

    def _answer(self, body: dict[str, Any]) -> None:
        assert self.session is not None
        name, arguments = body["name"], body.get("args") or {}
        self.session.handle_invoke_method_results(body["control_id"], body["call_id"], None, None)
        if name == "push_route":
            route = {"route": arguments["route"]}
            self.session.apply_page_patch(route)
            self.navigation = asyncio.create_task(
                self.session.dispatch_event(1, "route_change", route)
            )

    def dispose(self) -> None:
        self.executor.shutdown(wait=False)


class Client:
    """What a test does on one page."""

    def __init__(self, page: ft.Page, connection: FakeConnection, session: Session) -> None:
        self.page, self.connection, self.session = page, connection, session

    def all(self, kind: type[Kind]) -> list[Kind]:
        """Every control of a kind, dialogs that are open included."""
        return [each for each in walk(self.page) if isinstance(each, kind)]

    def find(self, identifier: str) -> list[ft.Semantics]:
        """The controls under an id."""
        return [each for each in self.all(ft.Semantics) if each.identifier == identifier]

    def texts(self, inside: BaseControl | None = None) -> list[str]:
        """Every text on the page, or inside a control."""
        found = walk(self.page if inside is None else inside)
        return [str(each.value) for each in found if isinstance(each, ft.Text)]

    def says(self, identifier: str) -> str:
        """The texts under an id, joined."""
        return " ".join(self.texts(self.find(identifier)[-1]))

    async def tap(self, identifier: str) -> None:
        """Press the control under an id, once it is there."""
        await self.until(lambda: bool(self.find(identifier)))
        control = self.find(identifier)[-1].content
        assert control is not None
        await self.fire(control, "click")

    async def fire(self, control: BaseControl, event: str, data: Any = None) -> None:
        """Dispatch an event and let the page settle."""
        await self.session.dispatch_event(control._i, event, data)
        await self.settle()

    async def type(self, identifier: str, text: str, submit: bool = False) -> None:
        """Put a text into the field under an id; with Enter if wanted."""
        field = self.find(identifier)[-1].content
        assert isinstance(field, ft.TextField)
        self.session.apply_patch(field._i, {"value": text})
        await self.fire(field, "submit" if submit else "change", text)

    def enter(self) -> None:
        """Make this page the present one, in a fixture's end for example."""
        _context_page.set(self.page)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        for _ in range(LOOKS_MAX):
            if true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"never came true; the page says {self.texts()}")

    async def settle(self) -> None:
        """Let handlers, updates and effects run."""
        for _ in range(TURNS):
            await asyncio.sleep(0.005)

    @property
    def crashes(self) -> list[Any]:
        """Messages that would have replaced the app by an error page."""
        return [each for each in self.connection.sent if each[0] == SESSION_CRASHED]


def walk(node: Any, seen: set[int] | None = None) -> Iterator[BaseControl]:
    """Every control below a node; closed dialogs are left out."""
    seen = set() if seen is None else seen
    if isinstance(node, BaseControl):
        if id(node) in seen or getattr(node, "open", True) is False:
            return
        seen.add(id(node))
        yield node
        for name, value in list(vars(node).items()):
            if not name.startswith("_") or name in _BODY_FIELDS:
                yield from walk(value, seen)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from walk(each, seen)
    elif isinstance(node, dict):
        for each in node.values():
            yield from walk(each, seen)


async def start(main: Callable[[ft.Page], Any], **page: Any) -> Client:
    """Open a page on an entry point; properties are the page's (`route`, `width`, `height`)."""
    connection = FakeConnection()
    session = connection.session = Session(connection)
    session.apply_page_patch({"route": "/", "width": 390, "height": 844, "web": True, **page})
    body = RegisterClientResponseBody(
        session_id=session.id, page_patch=session.get_page_patch(), error=""
    )
    connection.send_message(Message(MessageAction.REGISTER_CLIENT, body))
    _context_page.set(session.page)
    context.reset_auto_update()
    answer = main(session.page)
    if inspect.isawaitable(answer):
        await answer
    await session.after_event(session.page)
    client = Client(session.page, connection, session)
    await client.settle()
    return client
