"""Doing something to many tickets, as many in a transaction as fit.

A transaction that fails takes nothing back of those before it, so whoever asked is told which tickets are
done.
"""

from collections.abc import Iterable, Iterator, Sequence

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Call, Receipt
from coopledger.domain.types import TicketId
from coopledger.errors import CoopledgerError, PartlyDone

_MOST_NAMED = 20


class StoppedHalfway(PartlyDone):
    """Some of many tickets were dealt with when something failed."""

    done: tuple[TicketId, ...]
    cause: Exception

    advice = "Deal with the reason, then run the command again with the other tickets."

    def __str__(self) -> str:
        named = ", ".join(map(str, self.done[:_MOST_NAMED]))
        more = f" and {len(self.done) - _MOST_NAMED} more" if len(self.done) > _MOST_NAMED else ""
        return f"{self.cause}; before that these tickets were done: {named}{more}"


def send_in_turn(
    sender: Sender, calls: Iterable[tuple[Call, Sequence[TicketId]]]
) -> Iterator[Receipt]:
    """Send calls, each with the tickets that it is about, one after the other; yield the receipts.

    Raises:
        StoppedHalfway: one failed after others were done.
        ContractRefusal, CoopledgerError: the very first failed (see ``Sender.send``).
    """
    done: list[TicketId] = []
    for call, tickets in calls:
        try:
            receipt = sender.send(call)
        except (CoopledgerError, ContractRefusal) as failure:
            if not done:
                raise
            raise StoppedHalfway(tuple(done), failure) from failure
        done += tickets
        yield receipt
