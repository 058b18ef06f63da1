"""How the service is, in the text format of Prometheus.

Nothing is counted between two questions. Each answer is made of what is so now, in a registry of its own,
so that several processes of the service say the same.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from coopledger import __version__
from coopledger.api.condition import Condition, Index
from coopledger.api.models.service import age_s, last_attempt_failed

PREFIX = "coopledger_"

Told = dict[str, tuple[str, float]]
"""By a gauge's name: what it means, and its value."""


def exposition(seen: Condition) -> bytes:
    """Return how everything is, for Prometheus to read."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gauges(seen))
    return generate_latest(registry)


class _Gauges(Collector):
    """Gauges of one moment. What is not known is left out: no number stands for "unknown"."""

    def __init__(self, seen: Condition) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        version = GaugeMetricFamily(
            f"{PREFIX}info", "The version that runs; always 1.", labels=["version"]
        )
        version.add_metric([__version__], 1)
        yield version
        for told in (self._parts(), self._blocks(), self._verdict()):
            for name, (about, value) in told.items():
                yield GaugeMetricFamily(PREFIX + name, about, value=value)

    def _parts(self) -> Told:
        seen = self._seen
        built = seen.indexed is not None or seen.index is Index.BEHIND
        return {
            "healthy": ("1 while /health answers 200.", seen.well),
            "ready": ("1 while /health/ready answers 200.", seen.ready),
            "chain_reachable": ("1 while the chain's node answers.", seen.chain == "reachable"),
            "database_running": ("1 while the database answers.", seen.database == "running"),
            "index_built": ("1 where there is an index of this ledger.", built),
        }

    def _blocks(self) -> Told:
        seen, told = self._seen, Told()
        if seen.newest is not None and seen.age_s is not None:
            about = "Seconds since the chain's newest block, by the service's clock."
            told["chain_head_block"] = "The chain's newest block.", seen.newest.block.number
            told["chain_head_age_seconds"] = about, seen.age_s
        if seen.indexed is not None:
            about = "Up to there nothing of the index can be taken back."
            told["index_block"] = "How far the index is.", seen.indexed.block
            told["index_final_block"] = about, seen.indexed.final_block
        if seen.blocks_behind is not None:
            about = "How far the index is behind the chain."
            told["index_blocks_behind"] = about, seen.blocks_behind
        return told

    def _verdict(self) -> Told:
        audits, told = self._seen.audits, Told()
        last = audits.in_force
        if audits.newest is not None:
            about = "1 while the newest audit is one that could not be done."
            told["audit_last_attempt_failed"] = about, last_attempt_failed(self._seen)
        if last is not None and last.audited is not None:
            about = "1 where the last audit that was done agrees, 0 where it found a difference."
            told["audit_agrees"] = about, not last.audited.findings
            told["audit_findings"] = "Differences that it found.", last.audited.findings
            told["audit_block"] = "The block that it is about.", last.audited.block
            told["audit_age_seconds"] = "Seconds since it began.", age_s(last)
            told["audit_duration_seconds"] = "How long it took.", last.seconds
        return told
