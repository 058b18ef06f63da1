"""The tables of the index, in a PostgreSQL schema of that name.

Tables of facts only grow; each row names the ``block`` that it came from. Tables of state
(``record``, ``ticket``, ``screening``) hold beside their facts what is so as of the cursor; that part
is always computed again from the facts (``following.store.refresh``), forwards and when the chain turns.

All times are seconds since 1970 UTC, and all intervals half-open: a record
was open at T where ``joined_at <= T`` and not ``left_at <= T``. So what was so at T is what was so
after the last block whose time is not later than T. Questions about many rows at T must not look at
``record.standing``, ``record.cause`` or ``record.left_at`` without comparing with T; counts at T are
one row of ``tally``. An annulled entry counts as what it was until it was annulled.

Rows of blocks above ``cursor.final_block`` are unfinal: a reorganisation may still take them back.
Zero stands for "none" nowhere here: what there is none of is NULL.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    true,
)

SCHEMA = "index"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    },
)


def _number(name: str, *, key: bool = False, null: bool = False, comment: str = "") -> Column[int]:
    """A number, id or time that the chain gives."""
    if key:
        return Column(
            name, BigInteger, primary_key=True, autoincrement=False, comment=comment or None
        )
    return Column(name, BigInteger, nullable=null, comment=comment or None)


def _choice(name: str, comment: str, *, null: bool = False) -> Column[int]:
    """One of a few: the value of an enumeration."""
    return Column(name, SmallInteger, nullable=null, comment=comment)


def _bytes(name: str, *, key: bool = False, null: bool = False, comment: str = "") -> Column[bytes]:
    """An account (20 bytes), a hash (32) or an attestation (16)."""
    return Column(name, LargeBinary, primary_key=key, nullable=null, comment=comment or None)


def _amount(name: str, *, null: bool = False, comment: str = "") -> Column[object]:
    """An amount in the currency's smallest unit; in a native coin too large for a BIGINT."""
    return Column(name, Numeric(78, 0), nullable=null, comment=comment or None)


def _log_index(*, key: bool = False) -> Column[int]:
    if key:
        return Column("log_index", Integer, primary_key=True, autoincrement=False)
    return Column("log_index", Integer, nullable=False)


def _rising(name: str) -> Index:
    """An index of a column that rises with the rows: next to nothing to keep, and small."""
    return Index(None, name, postgresql_using="brin", postgresql_with={"autosummarize": True})


# -- what the index is of, and how far it is --

origin = Table(
    "origin",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=true()),
    _number("chain_id"),
    _bytes("ledger"),
    _number("first_block", comment="the block of the deployment"),
    CheckConstraint("one", name="one_row"),
    comment="What the index is a copy of; one row. Another chain or ledger is refused",
)

cursor = Table(
    "cursor",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=true()),
    _number("block", comment="everything up to this block is here"),
    _bytes("hash"),
    _number("time"),
    _number("final_block", comment="what is above may still be taken back; never above block"),
    CheckConstraint("one", name="one_row"),
    CheckConstraint("final_block <= block", name="final_is_past"),
    comment="How far the index is; moves in the same transaction as the rows. No row: not begun",
)

block = Table(
    "block",
    metadata,
    _number("number", key=True),
    _bytes("hash"),
    _number("time"),
    Column("holds_events", Boolean, nullable=False),
    Index(None, "time", "number"),
    comment="Every block that holds events, and the newest 128; told apart from others by hash",
)

transaction = Table(
    "transaction",
    metadata,
    _bytes("hash", key=True),
    _number("block"),
    _bytes("sender"),
    Index(None, "block"),
    comment="Who sent the transactions that the events came from",
)

issuer = Table(
    "issuer",
    metadata,
    _bytes("address", key=True),
    _number("screening", comment="its first one"),
    _number("block"),
    comment="The box offices that opened screenings; all their events are followed",
)

# -- the register --

register_event = Table(
    "register_event",
    metadata,
    _number("sequence", key=True, comment="from 1 without a gap, as the ledger counts"),
    _choice("kind", "RegisterKind"),
    _number("number", comment="the record; the version for by-laws; of a move the new record"),
    _bytes("account", null=True, comment="NULL for by-laws"),
    _number("ticket", null=True, comment="NULL for standings and by-laws"),
    _bytes("argument", comment="the packed word, 32 bytes (see ITicketLedger)"),
    _number("time"),
    _bytes("head", comment="of the hash chain after this event"),
    _number("block"),
    _log_index(),
    _bytes("transaction"),
    Index(None, "number", "sequence"),
    Index(None, "block"),
    comment="The register's history: everything under its hash chain, in its order",
)

record = Table(
    "record",
    metadata,
    _number("number", key=True, comment="from 1 without a gap, in the order of joined_at"),
    _bytes("account"),
    _number("ticket", comment="the card: the ticket that the record was opened with"),
    _number("joined_at"),
    _choice("consent", "Consent; of a moved record that of the old one"),
    _number("bylaws", comment="the version consented to; of a moved record the origin's"),
    _number("consented_at", comment="likewise"),
    _bytes("attestation", null=True, comment="16 bytes, likewise; NULL where there is none"),
    _number("previous", null=True, comment="the account's own record before this one"),
    _number("moved_from", null=True, comment="the record of another account that a move closed"),
    _number("origin", comment="the first record of the chain of moves; itself where none"),
    _number("block", comment="opened in"),
    _choice("standing", "Standing as of the cursor, or when the record was closed"),
    _number("left_at", null=True, comment="NULL while open"),
    _choice("cause", "Cause; 0 while open"),
    _number("left_block", null=True),
    Index(None, "account", "number"),
    Index(None, "ticket", "number"),
    _rising("block"),
    comment="The member register, an entry a row, open and closed",
)

exit_ = Table(
    "exit",
    metadata,
    _number("ordinal", key=True, comment="from 1 without a gap, in the order of closing"),
    _number("number"),
    _number("time", comment="left_at of the record"),
    _choice("cause", "Cause; MOVED where another record went on"),
    _choice("standing", "Standing that the record had"),
    _choice("consent", "Consent of the record"),
    _bytes("document", null=True, comment="16 bytes; NULL where none was named, and for moves"),
    _number("sequence", comment="of the register event"),
    _number("block"),
    UniqueConstraint("number", postgresql_include=["time", "cause", "standing", "consent"]),
    Index(None, "time", "ordinal"),
    Index(None, "block"),
    comment="Every closing of a record. Closed by T: the largest ordinal whose time is <= T",
)

standing_change = Table(
    "standing_change",
    metadata,
    _number("number", key=True),
    _number("sequence", key=True, comment="of the register event"),
    _number("time"),
    _choice("standing", "Standing from then on"),
    _choice("was", "Standing before; 0 for a record that a move opened as full"),
    _bytes("document", null=True, comment="16 bytes; NULL where none was named"),
    _number("block"),
    Index(None, "block"),
    Index(
        "standing_change_full_idx",
        "number",
        postgresql_include=["time"],
        postgresql_where="standing = 2",
    ),
    comment="A record's standing at T: that of its last row whose time is <= T, else ASSOCIATE",
)

tally = Table(
    "tally",
    metadata,
    _number("block", key=True),
    _number("time"),
    _number("opened", comment="records ever opened; the largest number"),
    _number("closed", comment="records ever closed, moves included; the largest ordinal of exit"),
    _number("moved", comment="of the closed: because a move went on in another record"),
    _number("annulled", comment="of the closed: entered in error"),
    _number("expelled", comment="of the closed"),
    _number("deceased", comment="of the closed"),
    _number("open_associate", comment="open as associate"),
    _number("open_full", comment="open as full; who could vote"),
    _number("open_signed", comment="open with Consent.SIGNED"),
    _number("open_purchased", comment="open with Consent.PURCHASED"),
    _number("open_attested", comment="open with Consent.ATTESTED"),
    Index(None, "time", "block"),
    comment=(
        "Running totals after each block in which records were opened or closed or a standing was"
        " set. Counts at T: the last row by (time, block) whose time is <= T; none: all are zero"
    ),
)

move_event = Table(
    "move_event",
    metadata,
    _number("block", key=True),
    _log_index(key=True),
    _bytes("transaction"),
    _choice("state", "MoveState from then on; 0: cancelled"),
    _number("number"),
    _bytes("target", null=True, comment="the account that the move leads to, where it is new"),
    _number("ready_at", null=True),
    Index(None, "number", "block", "log_index"),
    comment="Moves under way. One that was finished is a MOVED event of the register",
)

# -- tickets --

ticket = Table(
    "ticket",
    metadata,
    _number("id", key=True, comment="from 1 without a gap, in the order of issue"),
    _number("screening"),
    Column("seat", Integer, nullable=False, comment="0: free seating"),
    _choice("tier", "index into tier"),
    Column("non_transferable", Boolean, nullable=False),
    Column("paid_on_chain", Boolean, nullable=False),
    _bytes("issued_to"),
    _number("issued_at"),
    _bytes("reference", null=True, comment="32 bytes: the keyed order reference, sold outside"),
    _bytes("buyer", null=True, comment="who bought it on the chain"),
    _amount("price", null=True, comment="what was paid on the chain"),
    _number("block"),
    _log_index(),
    _bytes("transaction"),
    _bytes("owner", comment="as of the cursor"),
    _number("member", null=True, comment="the record that it carries; NULL where it is no card"),
    Column("redeemed", Boolean, nullable=False),
    Column("void", Boolean, nullable=False),
    Index(None, "issued_to", "id"),
    Index(None, "screening", "id"),
    # By hash: half the size of a tree of these, and a fourth of its work for each new ticket.
    Index(None, "reference", postgresql_using="hash"),
    _rising("block"),
    comment="Every ticket with how it was issued, and what is so as of the cursor",
)

ticket_event = Table(
    "ticket_event",
    metadata,
    _number("ticket", key=True),
    _number("block", key=True),
    _log_index(key=True),
    _bytes("transaction"),
    _choice("kind", "TicketEventKind"),
    _bytes("account", null=True, comment="the new owner, or who was paid"),
    _bytes("former", null=True, comment="the owner before, where it changed"),
    _bytes("document", null=True, comment="16 bytes: why; NULL where none was named"),
    _amount("amount", null=True, comment="what was paid out, on the chain or outside"),
    _number("number", null=True, comment="the record whose deposit was returned"),
    Index(None, "block"),
    Index(None, "account"),
    Index(None, "former"),
    comment="What happened to tickets after they were issued",
)

gate_refusal = Table(
    "gate_refusal",
    metadata,
    _number("block", key=True),
    _log_index(key=True),
    _bytes("transaction"),
    _number("screening"),
    Column("ticket", Numeric(78, 0), nullable=False, comment="may name one that does not exist"),
    _choice("reason", "GateRefusal"),
    Index(None, "ticket"),
    comment="Tickets that the gate tried and turned away",
)

# -- the programme and its money --

screening = Table(
    "screening",
    metadata,
    _number("id", key=True, comment="from 1 without a gap"),
    _bytes("issuer"),
    _number("block", comment="opened in"),
    _number("starts_at"),
    _number("ends_at"),
    _number("film", null=True, comment="of the issuer; NULL until it was announced"),
    Column("venue", Text),
    Column("cancelled", Boolean, nullable=False),
    _number("refundable_until", null=True, comment="where it was put off; else as announced"),
    Index(None, "starts_at", "id"),
    Index(None, "block"),
    comment="Screenings as of the cursor",
)

screening_event = Table(
    "screening_event",
    metadata,
    _number("block", key=True),
    _log_index(key=True),
    _bytes("transaction"),
    _number("screening"),
    _choice("kind", "ScreeningEventKind"),
    _bytes(
        "office", null=True, comment="whose word it is: the issuer; NULL for PUT_OFF, the ledger's"
    ),
    _number("starts_at", null=True),
    _number("ends_at", null=True),
    _number("film", null=True),
    Column("venue", Text),
    _number("refundable_until", null=True),
    Index(None, "screening", "block", "log_index"),
    comment="What happened to screenings",
)

film = Table(
    "film",
    metadata,
    _bytes("office", key=True),
    _number("film", key=True, comment="each box office counts its own"),
    Column("title", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("minutes_long", Integer, nullable=False),
    _number("block"),
    comment="The films of each box office",
)

tier = Table(
    "tier",
    metadata,
    _number("screening", key=True),
    Column("tier", SmallInteger, primary_key=True, autoincrement=False),
    _number("block", key=True),
    _log_index(key=True),
    _bytes("office"),
    _amount("price"),
    _amount("deposit", comment="the part of the price that is a member's principal deposit"),
    Column("name", Text, nullable=False),
    comment="Price classes as they were set; the last row by (block, log_index) is in force",
)

withdrawal = Table(
    "withdrawal",
    metadata,
    _number("block", key=True),
    _log_index(key=True),
    _bytes("transaction"),
    _number("screening"),
    _bytes("office"),
    _bytes("account", comment="who was paid"),
    _amount("amount"),
    comment="Takings that the treasurer paid out",
)
