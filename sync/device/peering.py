"""What makes a device able to meet others: its key, and who it is by the hub's word (S7)."""

from __future__ import annotations

from sync.device.profile import SignedIn
from sync.errors import PeerKeyMissing, SignInRequired
from sync.local.replica import Replica
from sync.peer.identity import Identity
from sync.peer.rights import RightsOf
from sync.peer.rules import Rules
from sync.peer.session import Credentials
from sync.peer.tokens import KEY_BYTES, HubKey, key_of, key_text
from sync.ports import Signatures

_NOTE = "device_key"


def public_key(replica: Replica, signatures: Signatures) -> str:
    """The public key of this device, as it stands in a sign-in; made on first use and kept."""
    if replica.note(_NOTE) is None:
        replica.set_note(_NOTE, replica.parts.entropy.draw(KEY_BYTES).hex())
    return key_text(signatures.public(_seed(replica)))


def credentials(replica: Replica, signed_in: SignedIn | None) -> Credentials:
    """What this device shows to peers. ``SignInRequired``, or ``PeerKeyMissing`` where the sign-in
    is from before it had a key."""
    if signed_in is None:
        raise SignInRequired("Nobody is signed in on this device.")
    if replica.note(_NOTE) is None or not signed_in.hub_key:
        raise PeerKeyMissing("This device signed in before it had a key.")
    profile = signed_in.profile
    person = Identity(
        user_id=profile.user_id,
        login=profile.login,
        display_name=profile.display_name,
        role=profile.role,
        store_id=profile.store_id,
        store_code=profile.store_code,
    )
    hub = HubKey(signed_in.hub_id, key_of(signed_in.hub_key))
    return Credentials(person, signed_in.token, _seed(replica), hub)


def told_rights(replica: Replica, signed_in: SignedIn | None) -> RightsOf:
    """What others may, by the rules that the hub told at the sign-in. ``SignInRequired`` where it
    told none."""
    if signed_in is None or signed_in.rules is None:
        raise SignInRequired("The hub has not told this device yet who may what.")
    rules, here = Rules.from_json(signed_in.rules), replica.parts.identity
    return lambda identity: rules.access(identity, here.now_ms())


def _seed(replica: Replica) -> bytes:
    return bytes.fromhex(str(replica.note(_NOTE)))
