"""What can keep ``zava bench`` from measuring."""

from __future__ import annotations

from sync.errors.base import SessionError


class BenchmarkUnknown(SessionError):
    """There is no suite or workload of that name."""

    code = "benchmark_unknown"
    remedy = "Name one of those the message lists; without any, all are run."


class BenchmarksMissing(SessionError):
    """The benchmarks, or a library they compare with, are not installed here."""

    code = "benchmarks_missing"
    remedy = "Run ./zava bench in a clone of the source, which installs what they need."


class BenchmarkFailed(SessionError):
    """A contestant ended with an error, or with documents other than those it had to hold."""

    code = "benchmark_failed"
    remedy = "Its own words stand above; figures measured before it hold."
