"""Joining, leaving, standing, by-laws: rules 2, 3, 4 and 5 of the design.

Whoever is a member already cannot join again, but a paid seat is not refused for it: a line of a batch
then issues a plain ticket (see docs/decisions/consent.md).
"""

from coopledger.domain.register import (
    Cause,
    Consent,
    RegisterKind,
    Standing,
    joined_argument,
    left_argument,
    standing_argument,
)
from coopledger.domain.types import Attestation, BylawsVersion, MemberNumber, Timestamp
from tests.machine.rules.refusing import Check, checking
from tests.machine.rules.world import Account, Event, Record, Ticket, Time, World

NO_PAPER = bytes(16)


def join(world: World, caller: Account, ticket_id: int, bylaws: int) -> None:
    """The holder joins by their own transaction."""
    with checking() as check:
        bylaws_in_force(world, check, bylaws)
        ticket = world.ticket(check, ticket_id)
        check.that(
            ticket.owner == caller,
            "NotTheHolder",
            ticket_id=ticket_id,
            holder=ticket.owner,
            caller=caller,
        )
        _may_found(world, check, ticket, caller)
    enrol_holder(world, ticket, Consent.SIGNED, bylaws, world.now, NO_PAPER)


def join_by_signature(
    world: World,
    account: Account,
    ticket_id: int,
    bylaws: int,
    consented_at: Time,
    deadline: Time,
    signed_well: bool,
) -> None:
    """Anybody sends what the holder signed; it is good for one joining and until its deadline."""
    with checking() as check:
        signature(world, check, account, deadline, signed_well)
        bylaws_in_force(world, check, bylaws)
        consent_time(world, check, consented_at)
        ticket = world.ticket(check, ticket_id)
        check.that(ticket.owner == account, "NotTheHolder", ticket_id=ticket_id)
        _may_found(world, check, ticket, account)
    enrol_holder(world, ticket, Consent.SIGNED, bylaws, consented_at, NO_PAPER)


def enrol(
    world: World, caller: Account, ticket_id: int, bylaws: int, consented_at: Time, paper: bytes
) -> None:
    """The registrar enrols a holder whose consent is on paper."""
    with checking() as check:
        world.role(check, "REGISTRAR", caller)
        bylaws_known(world, check, bylaws)
        consent_time(world, check, consented_at)
        check.that(paper != NO_PAPER, "AttestationMissing")
        ticket = world.ticket(check, ticket_id)
        _may_found(world, check, ticket, ticket.owner)
    enrol_holder(world, ticket, Consent.ATTESTED, bylaws, consented_at, paper)


def leave(world: World, caller: Account) -> None:
    """A member leaves."""
    record = world.membership(caller)
    with checking() as check:
        check.first(record is not None, "NotAMember", account=caller)
        check.that(not world.frozen(caller), "AccountFrozen", account=caller)
    assert record is not None
    end(world, record, Cause.LEFT, NO_PAPER)


def leave_by_signature(world: World, number: int, deadline: Time, signed_well: bool) -> None:
    """Anybody sends a member's signed wish to leave."""
    with checking() as check:
        record = world.open_record(check, number)
        signature(world, check, record.account, deadline, signed_well)
        check.that(not world.frozen(record.account), "AccountFrozen", account=record.account)
    end(world, record, Cause.LEFT, NO_PAPER)


def set_standing(
    world: World, caller: Account, number: int, standing: Standing, paper: bytes
) -> None:
    """The registrar makes an associate full, or corrects it."""
    with checking() as check:
        world.role(check, "REGISTRAR", caller)
        check.first(standing is not Standing.NONE, "BadStanding", standing=standing)
        record = world.open_record(check, number)
        same = record.standing is standing
        check.that(not same, "StandingUnchanged", number=number, standing=standing)
    record.standing = standing
    record.standings.append((world.now, standing))
    tell(
        world, RegisterKind.STANDING_SET, record, 0, standing_argument(standing, Attestation(paper))
    )


def close(world: World, number: int, cause: Cause, paper: bytes) -> None:
    """A decision to close a record is executed. What was annulled unbinds its ticket."""
    with checking() as check:
        closing = cause in {Cause.EXPELLED, Cause.DECEASED, Cause.ANNULLED}
        check.that(closing, "BadCause", cause=cause)
        record = world.open_record(check, number)
    end(world, record, cause, paper)
    if cause is Cause.ANNULLED:
        world.tickets[record.card].member = None
        world.approvals.pop(record.card, None)


def set_bylaws(world: World, caller: Account, bylaws_hash: bytes) -> None:
    """The board records the next version of the by-laws."""
    with checking() as check:
        world.role(check, "BOARD", caller)
        check.that(bylaws_hash != bytes(32), "EmptyBylaws")
    world.bylaws.append(bylaws_hash)
    version, argument = len(world.bylaws), int.from_bytes(bylaws_hash)
    event = Event(RegisterKind.BYLAWS_SET, version, "", 0, argument, world.now)
    world.events.append(event)


# -- what other actions ask and do --


def bylaws_in_force(world: World, check: Check, bylaws: int) -> None:
    """A consent of today names the version in force."""
    current = len(world.bylaws)
    good = bylaws == current and bylaws != 0
    check.that(good, "WrongBylaws", given=bylaws, current=current)


def bylaws_known(world: World, check: Check, bylaws: int) -> None:
    """A paper may have been signed under an earlier version."""
    current = len(world.bylaws)
    check.that(1 <= bylaws <= current, "WrongBylaws", given=bylaws, current=current)


def consent_time(world: World, check: Check, consented_at: Time) -> None:
    """Rule 2: a consent names a day, which is not in the future."""
    good = 0 < consented_at <= world.now
    check.that(good, "BadConsentTime", consented_at=consented_at, timestamp=world.now)


def signature(
    world: World, check: Check, account: Account, deadline: Time, signed_well: bool
) -> None:
    """A signature is the account's own, and is good up to its deadline."""
    check.that(world.now <= deadline, "SignatureExpired", deadline=deadline)
    check.that(signed_well, "BadSignature", account=account)


def enrol_holder(
    world: World, ticket: Ticket, consent: Consent, bylaws: int, consented_at: Time, paper: bytes
) -> None:
    """Open a record for a ticket's holder, bind the ticket, and tell the register."""
    number = len(world.records) + 1
    previous = world.latest(ticket.owner)
    record = Record(number, ticket.owner, world.now, consent, ticket.ticket_id, previous=previous)
    record.standings.append((world.now, Standing.ASSOCIATE))
    world.records[number] = record
    ticket.member = number
    argument = joined_argument(
        consent,
        BylawsVersion(bylaws),
        Timestamp(consented_at),
        MemberNumber(previous) if previous else None,
        Attestation(paper),
    )
    tell(world, RegisterKind.JOINED, record, record.card, argument)


def end(world: World, record: Record, cause: Cause, paper: bytes) -> None:
    """Close a record. A move of it that was pending is over."""
    record.left_at, record.cause = world.now, cause
    world.moves.pop(record.number, None)
    argument = left_argument(cause, Attestation(paper))
    tell(world, RegisterKind.LEFT, record, record.card, argument)


def tell(world: World, kind: RegisterKind, record: Record, ticket: int, argument: int) -> None:
    """Append an event to the register."""
    event = Event(kind, record.number, record.account, ticket, argument, world.now)
    world.events.append(event)


def _may_found(world: World, check: Check, ticket: Ticket, account: Account) -> None:
    """Rule 1: a void ticket founds nothing, a card has founded one already. Rule 3: one each."""
    check.that(not ticket.void, "TicketIsVoid", ticket_id=ticket.ticket_id)
    unbound = ticket.member is None
    check.that(unbound, "TicketBound", ticket_id=ticket.ticket_id, member=ticket.member)
    record = world.membership(account)
    number = record.number if record else None
    check.that(record is None, "AlreadyMember", account=account, number=number)
