"""The ledger's packed words, there and back, for any values."""

from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from coopledger.domain.register import Cause, Consent, Record, Standing
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
    Timestamp,
)
from coopledger.domain.words import bits, pack_line, unpack_record, unpack_ticket

accounts = st.binary(min_size=20, max_size=20).map(to_checksum_address)
moments = st.integers(1, 2**40 - 1).map(Timestamp)
flags = st.booleans()

records = st.builds(
    Record,
    st.integers(1, 2**32 - 1).map(MemberNumber),
    accounts,
    moments,
    st.none() | moments,
    st.sampled_from(Standing),
    st.sampled_from(Consent),
    st.sampled_from(Cause),
)
tickets = st.builds(
    Ticket,
    st.integers(1, 2**64).map(TicketId),
    accounts,
    st.integers(0, 2**32 - 1).map(ScreeningId),
    st.integers(0, 2**16 - 1).map(SeatNumber),
    st.integers(0, 2**8 - 1).map(TierIndex),
    st.none() | st.integers(1, 2**32 - 1).map(MemberNumber),
    flags,
    flags,
    flags,
    flags,
)


def joined(*fields: tuple[int, int]) -> int:
    """Join (value, bits) from the lowest bit on, as the contracts' drawings read."""
    word = shift = 0
    for value, length in fields:
        assert value < 1 << length
        word |= value << shift
        shift += length
    assert shift <= 256
    return word


@given(records)
def test_a_record_comes_back(record: Record) -> None:
    """A record's word, put together by the contracts' drawing, is read back whole."""
    word = joined(
        (int(record.account, 16), 160),
        (record.joined_at, 40),
        (record.left_at or 0, 40),
        (record.standing, 8),
        (record.consent, 4),
        (record.cause, 4),
    )
    assert unpack_record(record.number, word) == record


@given(tickets)
def test_a_ticket_comes_back(ticket: Ticket) -> None:
    """A ticket's word, put together by the contracts' drawing, is read back whole."""
    marks = (
        ticket.redeemed
        | ticket.void << 1
        | ticket.non_transferable << 2
        | ticket.paid_on_chain << 3
    )
    word = joined(
        (int(ticket.owner, 16), 160),
        (ticket.screening, 32),
        (ticket.seat, 16),
        (ticket.member or 0, 32),
        (ticket.tier, 8),
        (marks, 8),
    )
    assert unpack_ticket(ticket.ticket_id, word) == ticket


@given(
    accounts,
    st.integers(0, 2**16 - 1).map(SeatNumber),
    st.integers(0, 2**8 - 1).map(TierIndex),
    st.none() | moments,
)
def test_a_line_is_packed_by_the_drawing(
    account: str, seat: SeatNumber, tier: TierIndex, consented_at: Timestamp | None
) -> None:
    """A line to issue has each field in its place, and joins only where a consent is given."""
    line = pack_line(to_checksum_address(account), seat, tier, consented_at)
    assert bits(line, 0, 160) == int(account, 16)
    assert (bits(line, 160, 16), bits(line, 176, 8)) == (seat, tier)
    assert (bits(line, 184, 8), bits(line, 192, 40)) == (
        (0, 0) if consented_at is None else (1, consented_at)
    )
    assert line >> 232 == 0


@given(tickets)
def test_a_ticket_has_one_state(ticket: Ticket) -> None:
    """Void comes before redeemed, and any of four things locks a ticket."""
    state = "void" if ticket.void else "redeemed" if ticket.redeemed else "valid"
    assert ticket.state == state
    free = not (ticket.redeemed or ticket.void or ticket.non_transferable or ticket.member)
    assert ticket.locked is not free
