"""What can be wrong between the connector and MongoDB (M). Work between devices and hub goes on."""

from __future__ import annotations

from sync.errors.base import SessionError


class MongoUnreachable(SessionError):
    """No MongoDB answers at the address, or no primary; the connection may also have been cut."""

    code = "mongo_unreachable"
    remedy = "Nothing is lost: the connector tries again by itself. Check that MongoDB runs."
    retryable = True


class MongoRefused(SessionError):
    """MongoDB does not let this user in, or not do this."""

    code = "mongo_refused"
    remedy = "Check user, password and roles in the connection string: readWrite on the database."


class MongoFailed(SessionError):
    """MongoDB answered with an error that the connector does not know."""

    code = "mongo_failed"
    remedy = "The connector tries again; if it lasts, look at the log of MongoDB."
    retryable = True


class MongoAddressInvalid(SessionError):
    """The connection string cannot be read."""

    code = "mongo_address_invalid"
    remedy = "Write it as mongodb://user:password@host/?replicaSet=…, the password URL-encoded."


class ChangeStreamsMissing(SessionError):
    """The server delivers no changes: it is no replica set, or the user may not watch."""

    code = "change_streams_missing"
    remedy = "Run MongoDB as a replica set (one member will do) and let the user read the database."


class PositionLost(SessionError):
    """MongoDB no longer knows the place in its history up to which the connector has read (M2)."""

    code = "position_lost"
    remedy = "Nothing is to be done: the connector compares everything anew while it goes on."
    retryable = True


class MappingIndexMissing(SessionError):
    """The mapped fields of a collection have no unique index: two documents could be one (M1)."""

    code = "mapping_index_missing"
    remedy = "Create the unique index that the message names, then start the connector again."


class ConnectorElsewhere(SessionError):
    """Another process holds the hub's file, and one file cannot have two writers."""

    code = "connector_elsewhere"
    remedy = "Run the connector inside that hub: `zava hub --mongodb URI`."


class CollectionUnknown(SessionError):
    """The connector does not sync a collection of this name."""

    code = "collection_not_synced"
    remedy = "Name a collection of config/connector.yaml, or add it there."


class LetterUnknown(SessionError):
    """No dead letter has this number; it may have gone through by itself meanwhile."""

    code = "letter_unknown"
    remedy = "Look at the list again: `zava connector list`."
