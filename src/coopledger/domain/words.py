"""The ledger's packed words: one slot on the chain, one integer here, unpacked into values.

The layouts are the contracts' (``RecordWord.sol``, ``TicketWord.sol`` and ``ITicketLedger.issue``), from
the lowest bit; a test compares both sides on the chain.
"""

from eth_utils.address import to_checksum_address

from coopledger.domain.register import Cause, Consent, Record, Standing
from coopledger.domain.tickets import Ticket, TicketTerms
from coopledger.domain.types import (
    Address,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
    Timestamp,
)

_REDEEMED, _VOID, _NON_TRANSFERABLE, _PAID_ON_CHAIN = 1, 2, 4, 8


def bits(word: int, start: int, length: int) -> int:
    """Return ``length`` bits of a word, from bit ``start`` on."""
    return word >> start & (1 << length) - 1


def unpack_record(number: MemberNumber, word: int) -> Record:
    """Read a record's word: account 160, joined 40, left 40, standing 8, consent 4, cause 4."""
    left_at = Timestamp(bits(word, 200, 40))
    return Record(
        number=number,
        account=_address(word),
        joined_at=Timestamp(bits(word, 160, 40)),
        left_at=left_at or None,
        standing=Standing(bits(word, 240, 8)),
        consent=Consent(bits(word, 248, 4)),
        cause=Cause(bits(word, 252, 4)),
    )


def unpack_ticket(ticket_id: TicketId, word: int) -> Ticket:
    """Read a ticket's word: owner 160, screening 32, seat 16, member 32, tier 8, flags 8."""
    flags = bits(word, 248, 8)
    member = MemberNumber(bits(word, 208, 32))
    return Ticket(
        ticket_id=ticket_id,
        owner=_address(word),
        screening=ScreeningId(bits(word, 160, 32)),
        seat=SeatNumber(bits(word, 192, 16)),
        tier=TierIndex(bits(word, 240, 8)),
        member=member or None,
        redeemed=bool(flags & _REDEEMED),
        void=bool(flags & _VOID),
        non_transferable=bool(flags & _NON_TRANSFERABLE),
        paid_on_chain=bool(flags & _PAID_ON_CHAIN),
    )


def unpack_terms(word: int) -> TicketTerms:
    """Read what never changes of a ticket's word; see :func:`unpack_ticket`."""
    flags = bits(word, 248, 8)
    return TicketTerms(
        screening=ScreeningId(bits(word, 160, 32)),
        seat=SeatNumber(bits(word, 192, 16)),
        tier=TierIndex(bits(word, 240, 8)),
        non_transferable=bool(flags & _NON_TRANSFERABLE),
        paid_on_chain=bool(flags & _PAID_ON_CHAIN),
    )


def pack_line(
    account: Address, seat: SeatNumber, tier: TierIndex, consented_at: Timestamp | None
) -> int:
    """Pack one ticket to issue: account 160, seat 16, tier 8, joins 8, consentedAt 40.

    ``consented_at`` None issues a ticket that does not join.
    """
    line = int(account, 16) | seat << 160 | tier << 176
    return line if consented_at is None else line | 1 << 184 | consented_at << 192


def _address(word: int) -> Address:
    return to_checksum_address(bits(word, 0, 160).to_bytes(20))
