"""What can go wrong between two devices without a hub (S7)."""

from __future__ import annotations

from sync.errors.base import SessionError, WireError


class SignatureInvalid(WireError):
    """Not signed by the device that it names: a batch, or the proof of a peer (S7)."""

    code = "signature_invalid"
    remedy = "Do not trust the other device; let its person sign in again at the hub."


class PeerKeyMissing(SessionError):
    """The sign-in is from before devices had keys, so it proves nothing to other devices (S7)."""

    code = "peer_key_missing"
    remedy = "Sign in again while the hub can be reached."


class PeerUnreachable(SessionError):
    """No connection to the other device, or it was cut."""

    code = "peer_unreachable"
    remedy = "Bring both devices into the same network, and try again."
    retryable = True


class PeerFull(SessionError):
    """A device holds as much unsettled work of others as it can (S8)."""

    code = "peer_full"
    remedy = "Let one of the devices reach the hub first."
    retryable = True


class PeerDeclined(SessionError):
    """What a peer offers is not for this device: about a document that it may not hold (S4)."""

    code = "peer_declined"
    remedy = "Nothing is to be done: the change reaches the hub from the device that made it."
