"""One side of a meeting of two devices: messages in, messages out, no line and no waiting (S7).

Both sides greet with a token of their hub and a nonce, prove that they hold the key the token
names, and then offer each other batches for as long as they like. A link carries the messages; an
error raised here ends the meeting, and nothing that was taken is undone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.core.batch import Origin, digest_of
from sync.core.decode import decode
from sync.errors import (
    AuthorMismatch,
    MessageGarbage,
    Rejection,
    SessionError,
    SignatureInvalid,
    WireError,
    ZavaError,
)
from sync.ids import ReplicaId
from sync.local.replica import Replica
from sync.peer.identity import Identity
from sync.peer.met import note_met
from sync.peer.offers import Candidate, candidates, may_hold
from sync.peer.proofs import Proof, sign_batch, transcript
from sync.peer.reception import Reception
from sync.peer.rights import Rights, RightsOf
from sync.peer.tokens import Bearer, HubKey, read_token
from sync.ports import Signatures
from sync.wire.peer_messages import NONCE_BYTES, Greet, Offer, PeerMessage, Prove, Still, Took

OFFERS_OPEN_MAX = 32
OFFERS_OPEN_BYTES_MAX = 4 * 1_048_576
"""Unanswered offers: enough to keep a slow radio busy, little enough to lose with the line."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a device shows and checks with: its person, the token, its seed, and the hub's key."""

    person: Identity
    token: str
    seed: bytes
    hub: HubKey


@dataclass(slots=True)
class Meeting:
    """What came of a meeting so far, counted in batches. ``refused`` are the peer's reasons not to
    take ours, ``declined`` ours not to take theirs."""

    offered: int = 0
    taken: int = 0
    refused: list[ZavaError] = field(default_factory=list)
    declined: list[ZavaError] = field(default_factory=list)


class PeerSession:
    """See the module. Not thread-safe; its calls block on the file."""

    def __init__(
        self,
        replica: Replica,
        credentials: Credentials,
        signatures: Signatures,
        rights_of: RightsOf,
    ) -> None:
        self.meeting = Meeting()
        self.peer: Bearer | None = None
        """Who the other is, once it is proved."""
        self._replica = replica
        self._own = credentials
        self._signatures = signatures
        self._rights_of = rights_of
        own_rights = rights_of(credentials.person)
        self._reception = Reception(replica, signatures, own_rights, rights_of)
        self._nonce = replica.parts.entropy.draw(NONCE_BYTES)
        self._greeted: tuple[Bearer, str, bytes] | None = None
        self._looked_at: set[Origin] = set()
        self._open: dict[tuple[ReplicaId, int], int] = {}
        self._proofs: dict[str, Bearer] = {}

    def open(self) -> list[PeerMessage]:
        """What to say first."""
        return [Greet(self._own.token, self._nonce)]

    def take(self, message: PeerMessage) -> list[PeerMessage]:
        """What to say to this. A ``WireError`` or ``SessionError`` ends the meeting."""
        match message:
            case Greet():
                return self._greet(message)
            case Prove():
                self._prove(message)
                return self.more()
            case Offer():
                return [self._take(message)]
            case Took():
                return self._answered(message)
            case Still():
                return []

    def more(self) -> list[PeerMessage]:
        """Offers of what this device has to offer now; call it after commits too."""
        if self.peer is None or len(self._open) >= OFFERS_OPEN_MAX:
            return []
        rights = self._rights_of(self.peer.person)
        chosen = self._chosen(rights)
        own = [each.name[1] for each in chosen if each.proof is None]
        if own:
            self._replica.sending.offered_up_to(max(own))  # stamps are final from here on (C1)
        self.meeting.offered += len(chosen)
        return [self._offer(each) for each in chosen]

    def _chosen(self, rights: Rights) -> list[Candidate]:
        chosen: list[Candidate] = []
        author = self._own.person.user_id
        related = self._replica.parts.related
        for each in candidates(self._replica, author, self._looked_at):
            room = sum(self._open.values()) + len(each.payload) <= OFFERS_OPEN_BYTES_MAX
            if self._open and (len(self._open) >= OFFERS_OPEN_MAX or not room):
                break
            self._looked_at.add(each.name)
            theirs = self.peer is not None and each.name[0] == self.peer.replica
            if not theirs and may_hold(self._replica, rights, each.batch, related):
                self._open[each.name[:2]] = len(each.payload)
                chosen.append(each)
        return chosen

    def _offer(self, each: Candidate) -> Offer:
        if each.proof is None:
            signature = sign_batch(self._signatures, self._own.seed, each.payload)
            return Offer(each.payload, signature, None)
        proof = Proof.from_text(each.proof)
        return Offer(each.payload, proof.signature, proof.token)

    def _greet(self, greet: Greet) -> list[PeerMessage]:
        if self._greeted is not None:
            raise MessageGarbage("The other device greets twice.")
        bearer = self._bearer(greet.token)
        if bearer.replica == self._replica.id:
            raise AuthorMismatch("The other device shows the sign-in of this one.")
        self._greeted = (bearer, greet.token, greet.nonce)
        said = transcript(self._replica.id, bearer.replica, self._nonce, greet.nonce)
        held = tuple((each.replica, each.n, each.digest) for each in self._replica.held.all())
        return [Prove(self._signatures.sign(self._own.seed, said), held)]

    def _prove(self, prove: Prove) -> None:
        if self._greeted is None or self.peer is not None:
            raise MessageGarbage("The other device proves itself before it greets, or twice.")
        bearer, _, nonce = self._greeted
        said = transcript(bearer.replica, self._replica.id, nonce, self._nonce)
        if not self._signatures.verify(bearer.public, said, prove.signature):
            raise SignatureInvalid("The other device does not hold the key its sign-in names.")
        self.peer = bearer
        note_met(self._replica, bearer)
        self._looked_at.update(prove.held)

    def _take(self, offer: Offer) -> Took:
        if self.peer is None or self._greeted is None:
            raise MessageGarbage("The other device offers work before it has proved itself.")
        name = decode(offer.payload)
        proof = Proof(offer.token or self._greeted[1], offer.signature)
        error: ZavaError | None = None
        try:
            author = self.peer if offer.token is None else self._bearer(offer.token)
            self.meeting.taken += self._reception.take(offer.payload, author, proof)
            self._looked_at.add((name.replica, name.n, digest_of(offer.payload)))
        except (WireError, SessionError, Rejection) as refusal:
            error = refusal
            self.meeting.declined.append(refusal)
        return Took(name.replica, name.n, error)

    def _answered(self, took: Took) -> list[PeerMessage]:
        if self._open.pop((took.replica, took.n), None) is None:
            raise MessageGarbage("The other device answers what nobody offered.")
        if took.error is not None:
            self.meeting.refused.append(took.error)
        return self.more()

    def _bearer(self, token: str) -> Bearer:
        """Whom a token names; each token is verified once a meeting."""
        if token not in self._proofs:
            now_ms = self._replica.identity.now_ms()
            found = read_token(token, self._own.hub, self._signatures, now_ms)
            self._proofs[token] = found
        return self._proofs[token]
