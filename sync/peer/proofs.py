"""What devices sign: their batches, and that they are who their token says (S7)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sync.errors import SignatureInvalid
from sync.ids import ReplicaId
from sync.ports import Signatures

_BATCH = b"zava batch 1\n"
_SESSION = b"zava session 1\n"
"""What is signed for one purpose is good for no other."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Of a batch: its author's token and signature, shown to whoever it is passed on to."""

    token: str
    signature: bytes

    def to_text(self) -> str:
        """The form in which a replica keeps it."""
        return json.dumps([self.token, self.signature.hex()])

    @classmethod
    def from_text(cls, text: str) -> Proof:
        """The inverse of ``to_text``. ``SignatureInvalid`` where the text is no proof."""
        try:
            token, signature = json.loads(text)
            return cls(str(token), bytes.fromhex(signature))
        except (ValueError, TypeError, RecursionError) as error:
            raise SignatureInvalid("What came with the batch is no proof of its author.") from error


def sign_batch(signatures: Signatures, seed: bytes, payload: bytes) -> bytes:
    """An author's signature of a whole batch."""
    return signatures.sign(seed, _BATCH + payload)


def is_signed(signatures: Signatures, public: bytes, payload: bytes, signature: bytes) -> bool:
    """Whether the author with this key signed the batch."""
    return signatures.verify(public, _BATCH + payload, signature)


def transcript(by: ReplicaId, to: ReplicaId, own_nonce: bytes, their_nonce: bytes) -> bytes:
    """What one side signs to prove itself to the other, in this session and no other."""
    return _SESSION + f"{by} {to} {own_nonce.hex()} {their_nonce.hex()}".encode()
