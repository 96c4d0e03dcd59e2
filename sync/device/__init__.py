"""A device: a replica with a person, and the session that keeps it in step with its hub."""

from sync.device.device import Device, signed_in_on
from sync.device.profile import Profile
from sync.device.status import SyncStatus
from sync.device.tracing import trace_file

__all__ = ["Device", "Profile", "SyncStatus", "signed_in_on", "trace_file"]
