"""Every error the engine raises on purpose, as one tree.

    ZavaError
    ├── DataError              the caller's value cannot be stored
    │   ├── InvalidValue          invalid_value
    │   ├── InvalidPath           invalid_path
    │   ├── DocumentExists        document_exists
    │   ├── DocumentMissing       document_missing
    │   ├── DocumentTooLarge      document_too_large
    │   └── BatchTooLarge         batch_too_large
    ├── TransactionError       the replica cannot give this transaction now
    │   ├── TransactionOpen       transaction_open     (retryable)
    │   └── SnapshotTooOld        snapshot_too_old     (retryable)
    ├── StorageError           the database file cannot be used
    │   ├── DatabaseCorrupt       database_corrupt
    │   ├── DatabaseForeign       database_foreign
    │   ├── DatabaseNewer         database_newer
    │   ├── DatabaseLocked        database_locked
    │   └── DatabaseUnwritable    database_unwritable
    ├── WireError              bytes from a peer are not what they claim to be
    │   ├── MessageGarbage        message_garbage
    │   ├── MessageTooLarge       message_too_large
    │   ├── SignatureInvalid      signature_invalid
    │   └── VersionUnknown        version_unknown
    ├── SessionError           the other side cannot or will not serve us
    │   ├── HubUnreachable        hub_unreachable      (retryable)
    │   ├── HubFailed             hub_failed           (retryable)
    │   ├── HubBusy               hub_busy             (retryable)
    │   ├── SignInRefused         sign_in_refused
    │   ├── SignInRequired        sign_in_required
    │   ├── TokenExpired          token_expired
    │   ├── TokenInvalid          token_invalid
    │   ├── PeerKeyMissing        peer_key_missing
    │   ├── PeerUnreachable       peer_unreachable     (retryable)
    │   ├── PeerFull              peer_full            (retryable)
    │   ├── PeerDeclined          peer_declined
    │   ├── UnsentWork            unsent_work
    │   ├── ReplicaForked         replica_forked
    │   ├── BatchGap              batch_gap
    │   ├── PortInUse             port_in_use
    │   └── …                     ``sync.errors.mongo``, ``sync.errors.benchmarks``
    ├── ConfigError            a file that an operator writes cannot be used
    │   ├── ConfigInvalid         config_invalid
    │   └── ConfigUnreadable      config_unreadable
    └── Rejection              the hub refuses one batch; it goes to quarantine (S3)
        ├── PermissionDenied      permission_denied
        ├── OutOfScope            out_of_scope
        ├── DocumentUnknown       document_unknown
        ├── ChangeInvalid         change_invalid
        ├── ChangeTooLarge        change_too_large
        ├── ClockAhead            clock_ahead
        ├── AuthorMismatch        author_mismatch
        └── AlreadyTaken          already_taken

Each leaf has a stable ``code`` for programs and a ``remedy``: one sentence that tells a person what
to do. ``retryable`` says whether the same call can succeed later without anybody changing anything.
"""

from __future__ import annotations

from sync.errors.base import DataError as DataError
from sync.errors.base import Rejection as Rejection
from sync.errors.base import SessionError as SessionError
from sync.errors.base import StorageError as StorageError
from sync.errors.base import WireError as WireError
from sync.errors.base import ZavaError as ZavaError
from sync.errors.config import ConfigError as ConfigError
from sync.errors.config import ConfigInvalid as ConfigInvalid
from sync.errors.config import ConfigUnreadable as ConfigUnreadable
from sync.errors.config import Problem as Problem
from sync.errors.peers import PeerDeclined as PeerDeclined
from sync.errors.peers import PeerFull as PeerFull
from sync.errors.peers import PeerKeyMissing as PeerKeyMissing
from sync.errors.peers import PeerUnreachable as PeerUnreachable
from sync.errors.peers import SignatureInvalid as SignatureInvalid


class InvalidValue(DataError):
    """Not JSON, a number out of range, text that is not Unicode, or nested too deeply."""

    code = "invalid_value"
    remedy = "Use JSON values: text, booleans, null, 64-bit integers, finite numbers, lists, maps."


class InvalidPath(DataError):
    """A field path is empty, too long, or changes ``_id``."""

    code = "invalid_path"
    remedy = "Name a field as a tuple of non-empty keys, and never change _id."


class DocumentExists(DataError):
    """INSERT of an id that is already visible."""

    code = "document_exists"
    remedy = "Update the document, or insert it under another id."


class DocumentMissing(DataError):
    """A change of a document that this replica does not have."""

    code = "document_missing"
    remedy = "Insert the document first, or check its id and collection."


class DocumentTooLarge(DataError):
    """A local write would make a document larger than ``DOCUMENT_BYTES_MAX``."""

    code = "document_too_large"
    remedy = "Split the document, or remove fields from it."


class BatchTooLarge(DataError):
    """A transaction exceeds ``BATCH_OPS_MAX`` or ``BATCH_BYTES_MAX`` (C7)."""

    code = "batch_too_large"
    remedy = "Write the changes in several smaller transactions."


class TransactionError(ZavaError):
    """A transaction that this replica cannot give just now. Nothing was written."""


class TransactionOpen(TransactionError):
    """A transaction within another one, or one that could never have its turn."""

    code = "transaction_open"
    remedy = "End the open transaction first; on an event loop, wait with `async with`."
    retryable = True


class SnapshotTooOld(TransactionError):
    """Too much changed under a read-only transaction (``SNAPSHOT_DOCUMENTS_MAX``)."""

    code = "snapshot_too_old"
    remedy = "Read again in a new transaction."
    retryable = True


class DatabaseCorrupt(StorageError):
    """SQLite or our own checks found damage."""

    code = "database_corrupt"
    remedy = "Move the file aside and keep it for recovery; the hub's copy downloads again."


class DatabaseForeign(StorageError):
    """The file is not a Zava replica."""

    code = "database_foreign"
    remedy = "Choose another data directory, or move this file away."


class DatabaseNewer(StorageError):
    """The replica was written by a newer version of this program."""

    code = "database_newer"
    remedy = "Update Zava Edge to the version that wrote this file."


class DatabaseLocked(StorageError):
    """Another process has the replica open."""

    code = "database_locked"
    remedy = "Close the other Zava Edge that uses this data directory."


class DatabaseUnwritable(StorageError):
    """The disk is full or the directory is read-only; the last transaction was rolled back."""

    code = "database_unwritable"
    remedy = "Free disk space or make the data directory writable, then try again."


class MessageGarbage(WireError):
    """Not our format, cut short, or with a field of the wrong type."""

    code = "message_garbage"
    remedy = "Check that the address is a Zava hub and that no proxy alters the traffic."


class MessageTooLarge(WireError):
    """A message, or what it unpacks to, is over its cap (S8)."""

    code = "message_too_large"
    remedy = "Send smaller batches; if this hub sent it, report it with the log file."


class VersionUnknown(WireError):
    """The other side speaks a format version that we do not know."""

    code = "version_unknown"
    remedy = "Update Zava Edge on the older side."


class HubUnreachable(SessionError):
    """No connection, or it was cut."""

    code = "hub_unreachable"
    remedy = "Work goes on offline; changes go out when the hub can be reached."
    retryable = True


class HubFailed(SessionError):
    """The hub answered with a fault of its own."""

    code = "hub_failed"
    remedy = "Nothing is lost; this device tries again. If it lasts, look at the hub's log."
    retryable = True


class HubBusy(SessionError):
    """The hub asks us to slow down."""

    code = "hub_busy"
    remedy = "Wait; this device tries again by itself."
    retryable = True


class SignInRefused(SessionError):
    """Unknown login or wrong password (never said which)."""

    code = "sign_in_refused"
    remedy = "Check the login and the password, or ask a manager to reset it."


class SignInRequired(SessionError):
    """Nobody is signed in on this device."""

    code = "sign_in_required"
    remedy = "Sign in once while the hub can be reached."


class TokenExpired(SessionError):
    """The sign-in has run out. Local work goes on; sending waits."""

    code = "token_expired"
    remedy = "Sign in again; what you changed meanwhile is kept and will be sent."


class TokenInvalid(SessionError):
    """The token is forged, altered, or was signed by another hub."""

    code = "token_invalid"
    remedy = "Sign in again on this hub."


class UnsentWork(SessionError):
    """Signing out now would leave work unsent (S5)."""

    code = "unsent_work"
    remedy = "Connect and let the changes go out first, or export them before signing out."


class ReplicaForked(SessionError):
    """The same batch number with other contents: a copied or restored file (C8)."""

    retryable = True
    code = "replica_forked"
    remedy = "Nothing is lost: this device takes a new replica id and sends its work again."


class BatchGap(SessionError):
    """The hub has not seen the batch before this one."""

    code = "batch_gap"
    remedy = "This device sends again from the batch the hub expects."
    retryable = True


class PortInUse(SessionError):
    """Another program listens on the port."""

    code = "port_in_use"
    remedy = "Stop the other program, or choose another port with --port."


class PermissionDenied(Rejection):
    """The author may not write documents of this kind, or not in this way."""

    code = "permission_denied"
    remedy = "Ask a manager for access, or discard the change."


class OutOfScope(Rejection):
    """The document belongs to another store, or would, and the author may write only their own."""

    code = "out_of_scope"
    remedy = "Correct the store in the change and send it again, or ask that store to make it."


class DocumentUnknown(Rejection):
    """The hub has no such document: it was made on a device that has not met the hub yet."""

    code = "document_unknown"
    remedy = "Send the change again when the device that made the document has met the hub."


class ChangeInvalid(Rejection):
    """A field that every device computes with would get a value of the wrong type."""

    code = "change_invalid"
    remedy = "Correct the field in the change, then send it again."


class ChangeTooLarge(Rejection):
    """With what others added meanwhile the document would be over ``DOCUMENT_BYTES_MAX``."""

    code = "change_too_large"
    remedy = "Shorten what the change adds, then send it again."


class ClockAhead(Rejection):
    """A stamp is more than ``CLOCK_DRIFT_MS_MAX`` ahead of hub time (C1)."""

    code = "clock_ahead"
    remedy = "Set this device's clock right, then send the change again."


class AuthorMismatch(Rejection):
    """The batch names another author than the one signed in."""

    code = "author_mismatch"
    remedy = "Let the person who made the change sign in on this device."


class AlreadyTaken(Rejection):
    """The same work came from another copy of this device's file; this one gives its own up."""

    code = "already_taken"
    remedy = "Nothing is to be done: the change is at the hub, sent from a copy of this device."


def leaves(root: type[ZavaError] = ZavaError) -> list[type[ZavaError]]:
    """Every concrete error class, for the tables in the documentation and the wire."""
    children = root.__subclasses__()
    if not children:
        return [root]
    return [leaf for child in children for leaf in leaves(child)]


def from_json(data: object) -> ZavaError:
    """The error that ``to_json`` described; an unknown code becomes ``HubFailed``."""
    if not isinstance(data, dict):
        return HubFailed("The hub answered without a reason.")
    code, message = data.get("code"), data.get("message")
    known = {leaf.code: leaf for leaf in leaves()}
    kind = known.get(code, HubFailed) if isinstance(code, str) else HubFailed
    return kind(message if isinstance(message, str) else "The hub gave no reason.")
