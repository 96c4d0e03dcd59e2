"""A device: opens at once with or without a network, and keeps in step with its hub by itself.

device = await Device.open("ana.db", "http://hub:8551", name="Ana's handheld")
await device.sign_in("ana", password)      # once; afterwards it works offline
device.start()
with device.replica.transaction() as tx: ...
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import httpx

from sync.device.hub_link import HubLink
from sync.device.peering import credentials, public_key, told_rights
from sync.device.profile import SIGNED_IN_NOTE, Profile, SignedIn, from_answer
from sync.device.session import Session
from sync.device.status import SyncStatus
from sync.device.subscribed import Subscribed
from sync.device.tracing import trace
from sync.errors import PeerKeyMissing, UnsentWork
from sync.ids import Json
from sync.local.replica import NOBODY, Replica
from sync.local.subscriptions import Registered
from sync.peer.rights import RightsOf
from sync.peer.session import PeerSession
from sync.ports import Clock, Entropy, Signatures
from sync.query.selecting import selection_of
from sync.query.subscription import Subscription

_UNSENT_NOTE = "unsent_of"
"""Who had signed out while changes waited: nobody else signs in before those have gone out."""


def signed_in_on(replica: Replica) -> Profile | None:
    """Who is signed in on the device whose file this is, if anybody."""
    kept = replica.note(SIGNED_IN_NOTE)
    return None if kept is None else SignedIn.from_json(kept).profile


class Device:
    """One replica, one person at a time, one hub. Belongs to the event loop that opened it."""

    def __init__(
        self,
        replica: Replica,
        link: HubLink,
        name: str,
        clock: Clock,
        entropy: Entropy,
        signatures: Signatures | None = None,
    ) -> None:
        """``signatures`` make it able to meet peers from the next sign-in on."""
        self.replica = replica
        self.name = name
        self._link = link
        self._signatures = signatures
        kept = replica.note(SIGNED_IN_NOTE)
        self._signed_in = None if kept is None else SignedIn.from_json(kept)
        self._session = Session(replica, link, clock, entropy, self._signed_in)
        self._name_author()
        trace(replica, lambda: self.status)

    @classmethod
    async def open(
        cls,
        path: Path | str,
        hub_url: str,
        *,
        name: str,
        clock: Clock,
        entropy: Entropy,
        full_sync: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        signatures: Signatures | None = None,
    ) -> Device:
        """Open or create the replica at ``path``. Touches no network."""
        replica = Replica.open(path, clock=clock, entropy=entropy, full_sync=full_sync)
        link = HubLink(hub_url, transport)
        return cls(replica, link, name, clock, entropy, signatures)

    @property
    def profile(self) -> Profile | None:
        """Who is signed in; also while offline."""
        return None if self._signed_in is None else self._signed_in.profile

    async def sign_in(self, login: str, password: str) -> Profile:
        """Sign in at the hub (``SignInRefused``, ``HubUnreachable``, ``HubBusy``).

        ``UnsentWork`` if somebody else's changes on this device have not gone out yet (S5); asked
        before the hub hands the device over, so that they still can.
        """
        if self._unsent_of() not in (None, _folded(login)):
            self._refuse_with_unsent_work()
        key = None if self._signatures is None else public_key(self.replica, self._signatures)
        answer = await self._link.sign_in(login, password, self.replica.id, self.name, key)
        signed_in, hub_time_ms = from_answer(answer)
        before = self.profile
        if before is not None and before.user_id != signed_in.profile.user_id:
            self._refuse_with_unsent_work()
        self.replica.judge_clock(hub_time_ms)
        self.replica.set_note(SIGNED_IN_NOTE, signed_in.to_json())
        self.replica.set_note(_UNSENT_NOTE, None)
        self._adopt(signed_in)
        return signed_in.profile

    async def sign_out(self, *, force: bool = False) -> None:
        """Forget the person. ``UnsentWork`` while changes wait, unless forced; they stay on disk
        and go out when the same person signs in again (S5)."""
        if not force:
            self._refuse_with_unsent_work()
        self.replica.set_note(_UNSENT_NOTE, self._unsent_of())
        self._adopt(None)
        self.replica.set_note(SIGNED_IN_NOTE, None)

    def meet(self, rights_of: RightsOf | None = None) -> PeerSession:
        """This device's side of a meeting with another one (S7); a link of ``sync.peer`` runs it.
        Others are judged by the rules that the hub told at the sign-in, unless others are given.

        ``SignInRequired``, or ``PeerKeyMissing`` where it has no key that its hub knows.
        """
        if self._signatures is None:
            raise PeerKeyMissing("This device was opened without a way to sign.")
        own = credentials(self.replica, self._signed_in)
        rights = rights_of or told_rights(self.replica, self._signed_in)
        return PeerSession(self.replica, own, self._signatures, rights)

    def start(self) -> None:
        """Begin to keep in step, in the background."""
        self._session.start()

    async def stop(self) -> None:
        """Stop syncing; local work goes on."""
        await self._session.stop()

    async def close(self) -> None:
        """Stop and close the file."""
        await self.stop()
        await self._link.close()
        self.replica.close()

    @property
    def online(self) -> bool:
        """The network switch."""
        return self._session.online

    @online.setter
    def online(self, online: bool) -> None:
        self._session.switch(online)

    @property
    def status(self) -> SyncStatus:
        """The present status."""
        return replace(self._session.status)

    def on_status(self, callback: Callable[[SyncStatus], None]) -> Callable[[], None]:
        """Have ``callback`` called on the loop after each change; returns a function to stop it."""
        return self._session.on_status(callback)

    def sync_now(self) -> None:
        """Try at once, whatever the last failure said."""
        self._session.retry_now()

    def register_subscription(
        self, statement: str, args: Mapping[str, Json] | None = None
    ) -> Subscribed:
        """Ask the hub for the documents of a DQL ``SELECT``, from now on and after restarts too.

        A device holds the union of its subscriptions; with none, what its person's role is given.
        Asking for the same again changes nothing. ``StatementError`` where it is not DQL,
        ``SubscriptionInvalid`` where it selects no whole documents of one collection,
        ``SubscriptionsTooMany``; what only the hub can tell is the ``error`` in ``subscriptions``.
        """
        subscription = Subscription.of(statement, args)
        selection_of(subscription)
        self.replica.subscriptions.add(subscription)
        self._session.ask_anew()
        return Subscribed(subscription, self.replica.subscriptions, self._session.ask_anew)

    @property
    def subscriptions(self) -> list[Registered]:
        """What this device asks for, with how much it is, as the hub said last."""
        return self.replica.subscriptions.all()

    def _adopt(self, signed_in: SignedIn | None) -> None:
        self._signed_in = signed_in
        self._name_author()
        self._session.adopt(signed_in)

    def _name_author(self) -> None:
        self.replica.author = NOBODY if self.profile is None else self.profile.user_id

    def _unsent_of(self) -> object | None:
        """The login of whoever made the changes that may still wait here."""
        return self.replica.note(_UNSENT_NOTE) if self.profile is None else self.profile.login

    def _refuse_with_unsent_work(self) -> None:
        waiting = self.replica.outbox().waiting
        if waiting:
            what = "1 change has" if waiting == 1 else f"{waiting} changes have"
            raise UnsentWork(f"{what} not reached the hub from this device yet.")


def _folded(login: str) -> str:
    """A login as the hub spells it."""
    return unicodedata.normalize("NFKC", login).strip().casefold()
