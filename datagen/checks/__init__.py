"""Whether a data set keeps its promises: named checks over (collection, document) pairs.

    results, tallies = inspect(documents, as_of="2026-11-20T18:00:00Z")

Documents pass by once, in dependency order; what is kept of each is small.
"""

from datagen.checks.inspect import Inspection, inspect, run
from datagen.checks.result import CheckResult

__all__ = ["CheckResult", "Inspection", "inspect", "run"]
