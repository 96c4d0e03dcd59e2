"""Batches brought by somebody who only holds them, having met their author without a hub (S7).

Whoever brings them proves nothing by it. What counts is the author's token, the author's signature,
and what the author may do now; then they are taken as if their author had pushed them.
"""

from __future__ import annotations

from itertools import groupby

from sync.core.decode import decode
from sync.core.stamps import ms_of_hlc
from sync.errors import AuthorMismatch, SignatureInvalid, ZavaError
from sync.hub.accounts import Accounts
from sync.hub.intake import Intake
from sync.peer.identity import Identity
from sync.peer.proofs import Proof, is_signed
from sync.peer.tokens import HubKey, read_token
from sync.ports import Clock, Signatures
from sync.wire.messages import Push


class Relay:
    """Takes pushes with proofs."""

    def __init__(
        self, key: HubKey, signatures: Signatures, accounts: Accounts, intake: Intake, clock: Clock
    ) -> None:
        self._key = key
        self._signatures = signatures
        self._accounts = accounts
        self._intake = intake
        self._clock = clock

    def take(self, push: Push) -> tuple[int, str]:
        """(newest batch now held of their author, code of what was wrong with one, or nothing).

        What is wrong ends the run and is no error of who brings it, who may go on with others.
        """
        judged: list[tuple[Identity, bytes]] = []
        head, declined = 0, ""
        try:
            for payload, text in zip(push.batches, push.proofs, strict=True):
                judged.append((self._author(push, payload, text), payload))
        except ZavaError as error:
            declined = error.code
        try:
            for author, group in groupby(judged, key=lambda each: each[0]):
                payloads = [payload for _, payload in group]
                head = self._intake.take(author, push.replica, payloads).head
        except ZavaError as error:
            declined = error.code
        return head, declined

    def _author(self, push: Push, payload: bytes, text: str) -> Identity:
        """The author as they stand now, if the batch is theirs. The token had to be good when the
        batch was made: it may have taken days to get here, and closed accounts are closed."""
        batch, proof = decode(payload), Proof.from_text(text)
        made_ms = min(ms_of_hlc(batch.hlc), self._clock.now_ms())
        bearer = read_token(proof.token, self._key, self._signatures, made_ms)
        author = (bearer.replica, bearer.person.user_id)
        if (batch.replica, batch.user) != author or batch.replica != push.replica:
            raise AuthorMismatch("The batch names another person or device than its token.")
        if not is_signed(self._signatures, bearer.public, payload, proof.signature):
            raise SignatureInvalid("The batch was not signed by the device it comes from.")
        return self._accounts.current(bearer.person)
