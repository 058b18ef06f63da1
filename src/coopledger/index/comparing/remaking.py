"""The index made anew from the chain, in a database of its own, to hold another one against.

It goes up to a given block and no further, the one that the other index has come to. The database is a
server of its own in a temporary folder, so nothing of the other one is trusted or touched.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.development import is_local
from coopledger.chain.wire.client import BlockUnknown
from coopledger.domain.types import BlockNumber
from coopledger.index.comparing.differing import Anew
from coopledger.index.following.gathering import ChainTurned
from coopledger.index.following.sync import Progress, Sync
from coopledger.index.following.worker import writing
from coopledger.local.database.server import EmbeddedServer
from coopledger.settings import Settings

_MOST_TURNS = 5


@contextmanager
def made_anew(
    coop: Cooperative, settings: Settings, until: BlockNumber, watch: Callable[[Progress], None]
) -> Iterator[Anew]:
    """Make the index of a cooperative anew, and remove it in the end.

    Args:
        coop: the deployed contracts.
        settings: they say what is final.
        until: the last block to read.
        watch: is told of every step.

    Raises:
        LogsIncomplete: the node's logs do not follow on each other.
        ChainTurned, BlockUnknown: the chain was reorganised again and again.
        NodeUnreachable, AnswerLost, NodeRefused: the node does not answer.
        ServerDidNotStart, NoSystemUser, ...: see ``local.database.server``.
    """
    with (
        TemporaryDirectory(prefix="coopledger-audit-") as folder,
        EmbeddedServer(Path(folder) / "postgresql", durable=False) as server,
        writing(server.start(), Event(), lambda _: None) as connection,
    ):
        sync = Sync(coop, connection, settings, until=until)
        sync.begin()
        _follow(sync, watch)
        yield Anew(connection, _lowest_final(sync, until), sync.final(coop.chain.block("latest")))


def _follow(sync: Sync, watch: Callable[[Progress], None]) -> None:
    turns = 0
    while True:
        try:
            progress = sync.step()
        except (ChainTurned, BlockUnknown):
            turns += 1
            if turns == _MOST_TURNS:
                raise
            continue
        watch(progress)
        if progress.caught_up:
            return


def _lowest_final(sync: Sync, until: BlockNumber) -> BlockNumber:
    """Return what was final at least when an index came to a block: nothing, where the node says it."""
    if sync.settings.index_confirmations is None and not is_local(sync.chain):
        return BlockNumber(0)
    return sync.final(sync.chain.block(until))
