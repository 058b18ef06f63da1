"""The first tables: everything that the index copies from the chain."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SCHEMA = "index"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("holds_events", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("block_pkey")),
        schema=_SCHEMA,
        comment="Every block that holds events, and the newest 128; told apart from others by hash",
    )
    op.create_index(
        op.f("block_time_number_idx"), "block", ["time", "number"], unique=False, schema=_SCHEMA
    )
    op.create_table(
        "cursor",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "block", sa.BigInteger(), nullable=False, comment="everything up to this block is here"
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column(
            "final_block",
            sa.BigInteger(),
            nullable=False,
            comment="what is above may still be taken back; never above block",
        ),
        sa.CheckConstraint("final_block <= block", name=op.f("cursor_final_is_past_check")),
        sa.CheckConstraint("one", name=op.f("cursor_one_row_check")),
        sa.PrimaryKeyConstraint("one", name=op.f("cursor_pkey")),
        schema=_SCHEMA,
        comment="How far the index is; moves in the same transaction as the rows. No row: not begun",
    )
    op.create_table(
        "exit",
        sa.Column(
            "ordinal",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="from 1 without a gap, in the order of closing",
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False, comment="left_at of the record"),
        sa.Column(
            "cause",
            sa.SmallInteger(),
            nullable=False,
            comment="Cause; MOVED where another record went on",
        ),
        sa.Column(
            "standing", sa.SmallInteger(), nullable=False, comment="Standing that the record had"
        ),
        sa.Column("consent", sa.SmallInteger(), nullable=False, comment="Consent of the record"),
        sa.Column(
            "document",
            sa.LargeBinary(),
            nullable=True,
            comment="16 bytes; NULL where none was named, and for moves",
        ),
        sa.Column("sequence", sa.BigInteger(), nullable=False, comment="of the register event"),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("exit_pkey")),
        sa.UniqueConstraint("number", name=op.f("exit_number_key")),
        schema=_SCHEMA,
        comment="Every closing of a record. Closed by T: the largest ordinal whose time is <= T",
    )
    op.create_index(op.f("exit_block_idx"), "exit", ["block"], unique=False, schema=_SCHEMA)
    op.create_index(
        op.f("exit_time_ordinal_idx"), "exit", ["time", "ordinal"], unique=False, schema=_SCHEMA
    )
    op.create_table(
        "film",
        sa.Column("office", sa.LargeBinary(), nullable=False),
        sa.Column(
            "film",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="each box office counts its own",
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("minutes_long", sa.Integer(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", "film", name=op.f("film_pkey")),
        schema=_SCHEMA,
        comment="The films of each box office",
    )
    op.create_table(
        "gate_refusal",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.Column("screening", sa.BigInteger(), nullable=False),
        sa.Column(
            "ticket",
            sa.Numeric(precision=78, scale=0),
            nullable=False,
            comment="may name one that does not exist",
        ),
        sa.Column("reason", sa.SmallInteger(), nullable=False, comment="GateRefusal"),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("gate_refusal_pkey")),
        schema=_SCHEMA,
        comment="Tickets that the gate tried and turned away",
    )
    op.create_index(
        op.f("gate_refusal_ticket_idx"), "gate_refusal", ["ticket"], unique=False, schema=_SCHEMA
    )
    op.create_table(
        "issuer",
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("screening", sa.BigInteger(), nullable=False, comment="its first one"),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("issuer_pkey")),
        schema=_SCHEMA,
        comment="The box offices that opened screenings; all their events are followed",
    )
    op.create_table(
        "move_event",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.SmallInteger(),
            nullable=False,
            comment="MoveState from then on; 0: cancelled",
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "target",
            sa.LargeBinary(),
            nullable=True,
            comment="the account that the move leads to, where it is new",
        ),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("move_event_pkey")),
        schema=_SCHEMA,
        comment="Moves under way. One that was finished is a MOVED event of the register",
    )
    op.create_index(
        op.f("move_event_number_block_log_index_idx"),
        "move_event",
        ["number", "block", "log_index"],
        unique=False,
        schema=_SCHEMA,
    )
    op.create_table(
        "origin",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("ledger", sa.LargeBinary(), nullable=False),
        sa.Column(
            "first_block", sa.BigInteger(), nullable=False, comment="the block of the deployment"
        ),
        sa.CheckConstraint("one", name=op.f("origin_one_row_check")),
        sa.PrimaryKeyConstraint("one", name=op.f("origin_pkey")),
        schema=_SCHEMA,
        comment="What the index is a copy of; one row. Another chain or ledger is refused",
    )
    op.create_table(
        "record",
        sa.Column(
            "number",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="from 1 without a gap, in the order of joined_at",
        ),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column(
            "ticket",
            sa.BigInteger(),
            nullable=False,
            comment="the card: the ticket that the record was opened with",
        ),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "consent",
            sa.SmallInteger(),
            nullable=False,
            comment="Consent; of a moved record that of the old one",
        ),
        sa.Column(
            "bylaws",
            sa.BigInteger(),
            nullable=False,
            comment="the version consented to; of a moved record the origin's",
        ),
        sa.Column("consented_at", sa.BigInteger(), nullable=False, comment="likewise"),
        sa.Column(
            "attestation",
            sa.LargeBinary(),
            nullable=True,
            comment="16 bytes, likewise; NULL where there is none",
        ),
        sa.Column(
            "previous",
            sa.BigInteger(),
            nullable=True,
            comment="the account's own record before this one",
        ),
        sa.Column(
            "moved_from",
            sa.BigInteger(),
            nullable=True,
            comment="the record of another account that a move closed",
        ),
        sa.Column(
            "origin",
            sa.BigInteger(),
            nullable=False,
            comment="the first record of the chain of moves; itself where none",
        ),
        sa.Column("block", sa.BigInteger(), nullable=False, comment="opened in"),
        sa.Column(
            "standing",
            sa.SmallInteger(),
            nullable=False,
            comment="Standing as of the cursor, or when the record was closed",
        ),
        sa.Column("left_at", sa.BigInteger(), nullable=True, comment="NULL while open"),
        sa.Column("cause", sa.SmallInteger(), nullable=False, comment="Cause; 0 while open"),
        sa.Column("left_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("record_pkey")),
        schema=_SCHEMA,
        comment="The member register, an entry a row, open and closed",
    )
    op.create_index(
        op.f("record_account_number_idx"),
        "record",
        ["account", "number"],
        unique=False,
        schema=_SCHEMA,
    )
    op.create_index(op.f("record_block_idx"), "record", ["block"], unique=False, schema=_SCHEMA)
    op.create_index(
        "record_closed_idx",
        "record",
        ["number"],
        unique=False,
        schema=_SCHEMA,
        postgresql_where="left_at IS NOT NULL",
    )
    op.create_index(
        "record_full_idx",
        "record",
        ["number"],
        unique=False,
        schema=_SCHEMA,
        postgresql_where="standing = 2",
    )
    op.create_index(
        op.f("record_joined_at_number_idx"),
        "record",
        ["joined_at", "number"],
        unique=False,
        schema=_SCHEMA,
    )
    op.create_index(
        op.f("record_ticket_number_idx"),
        "record",
        ["ticket", "number"],
        unique=False,
        schema=_SCHEMA,
    )
    op.create_table(
        "register_event",
        sa.Column(
            "sequence",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="from 1 without a gap, as the ledger counts",
        ),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="RegisterKind"),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=False,
            comment="the record; the version for by-laws; of a move the new record",
        ),
        sa.Column("account", sa.LargeBinary(), nullable=True, comment="NULL for by-laws"),
        sa.Column(
            "ticket", sa.BigInteger(), nullable=True, comment="NULL for standings and by-laws"
        ),
        sa.Column(
            "argument",
            sa.LargeBinary(),
            nullable=False,
            comment="the packed word, 32 bytes (see ITicketLedger)",
        ),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column(
            "head", sa.LargeBinary(), nullable=False, comment="of the hash chain after this event"
        ),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("register_event_pkey")),
        schema=_SCHEMA,
        comment="The register's history: everything under its hash chain, in its order",
    )
    op.create_index(
        op.f("register_event_block_idx"), "register_event", ["block"], unique=False, schema=_SCHEMA
    )
    op.create_index(
        op.f("register_event_number_sequence_idx"),
        "register_event",
        ["number", "sequence"],
        unique=False,
        schema=_SCHEMA,
    )
    op.create_table(
        "screening",
        sa.Column(
            "id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="from 1 without a gap",
        ),
        sa.Column("issuer", sa.LargeBinary(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False, comment="opened in"),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "film",
            sa.BigInteger(),
            nullable=True,
            comment="of the issuer; NULL until it was announced",
        ),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column(
            "refundable_until",
            sa.BigInteger(),
            nullable=True,
            comment="where it was put off; else as announced",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("screening_pkey")),
        schema=_SCHEMA,
        comment="Screenings as of the cursor",
    )
    op.create_index(
        op.f("screening_block_idx"), "screening", ["block"], unique=False, schema=_SCHEMA
    )
    op.create_index(
        op.f("screening_starts_at_id_idx"),
        "screening",
        ["starts_at", "id"],
        unique=False,
        schema=_SCHEMA,
    )
    op.create_table(
        "screening_event",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.Column("screening", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="ScreeningEventKind"),
        sa.Column(
            "office",
            sa.LargeBinary(),
            nullable=True,
            comment="whose word it is: the issuer; NULL for PUT_OFF, the ledger's",
        ),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("film", sa.BigInteger(), nullable=True),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("refundable_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("screening_event_pkey")),
        schema=_SCHEMA,
        comment="What happened to screenings",
    )
    op.create_index(
        op.f("screening_event_screening_block_log_index_idx"),
        "screening_event",
        ["screening", "block", "log_index"],
        unique=False,
        schema=_SCHEMA,
    )
    op.create_table(
        "standing_change",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "sequence",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="of the register event",
        ),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("standing", sa.SmallInteger(), nullable=False, comment="Standing from then on"),
        sa.Column(
            "was",
            sa.SmallInteger(),
            nullable=False,
            comment="Standing before; 0 for a record that a move opened as full",
        ),
        sa.Column(
            "document",
            sa.LargeBinary(),
            nullable=True,
            comment="16 bytes; NULL where none was named",
        ),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", "sequence", name=op.f("standing_change_pkey")),
        schema=_SCHEMA,
        comment="A record's standing at T: that of its last row whose time is <= T, else ASSOCIATE",
    )
    op.create_index(
        op.f("standing_change_block_idx"),
        "standing_change",
        ["block"],
        unique=False,
        schema=_SCHEMA,
    )
    op.create_index(
        op.f("standing_change_time_idx"), "standing_change", ["time"], unique=False, schema=_SCHEMA
    )
    op.create_table(
        "tally",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column(
            "opened",
            sa.BigInteger(),
            nullable=False,
            comment="records ever opened; the largest number",
        ),
        sa.Column(
            "closed",
            sa.BigInteger(),
            nullable=False,
            comment="records ever closed, moves included; the largest ordinal of exit",
        ),
        sa.Column(
            "moved",
            sa.BigInteger(),
            nullable=False,
            comment="of the closed: because a move went on in another record",
        ),
        sa.Column(
            "annulled", sa.BigInteger(), nullable=False, comment="of the closed: entered in error"
        ),
        sa.Column("open_associate", sa.BigInteger(), nullable=False, comment="open as associate"),
        sa.Column(
            "open_full", sa.BigInteger(), nullable=False, comment="open as full; who could vote"
        ),
        sa.Column(
            "open_signed", sa.BigInteger(), nullable=False, comment="open with Consent.SIGNED"
        ),
        sa.Column(
            "open_purchased", sa.BigInteger(), nullable=False, comment="open with Consent.PURCHASED"
        ),
        sa.Column(
            "open_attested", sa.BigInteger(), nullable=False, comment="open with Consent.ATTESTED"
        ),
        sa.PrimaryKeyConstraint("block", name=op.f("tally_pkey")),
        schema=_SCHEMA,
        comment="Running totals after each block in which records were opened or closed or a standing was set. Counts at T: the last row by (time, block) whose time is <= T; none: all are zero",
    )
    op.create_index(
        op.f("tally_time_block_idx"), "tally", ["time", "block"], unique=False, schema=_SCHEMA
    )
    op.create_table(
        "ticket",
        sa.Column(
            "id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="from 1 without a gap, in the order of issue",
        ),
        sa.Column("screening", sa.BigInteger(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False, comment="0: free seating"),
        sa.Column("tier", sa.SmallInteger(), nullable=False, comment="index into tier"),
        sa.Column("non_transferable", sa.Boolean(), nullable=False),
        sa.Column("paid_on_chain", sa.Boolean(), nullable=False),
        sa.Column("issued_to", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "reference",
            sa.LargeBinary(),
            nullable=True,
            comment="32 bytes: the keyed order reference, sold outside",
        ),
        sa.Column("buyer", sa.LargeBinary(), nullable=True, comment="who bought it on the chain"),
        sa.Column(
            "price",
            sa.Numeric(precision=78, scale=0),
            nullable=True,
            comment="what was paid on the chain",
        ),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.LargeBinary(), nullable=False, comment="as of the cursor"),
        sa.Column(
            "member",
            sa.BigInteger(),
            nullable=True,
            comment="the record that it carries; NULL where it is no card",
        ),
        sa.Column("redeemed", sa.Boolean(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_pkey")),
        schema=_SCHEMA,
        comment="Every ticket with how it was issued, and what is so as of the cursor",
    )
    op.create_index(op.f("ticket_block_idx"), "ticket", ["block"], unique=False, schema=_SCHEMA)
    op.create_index(
        op.f("ticket_issued_to_id_idx"), "ticket", ["issued_to", "id"], unique=False, schema=_SCHEMA
    )
    op.create_index(
        op.f("ticket_owner_id_idx"), "ticket", ["owner", "id"], unique=False, schema=_SCHEMA
    )
    op.create_index(
        op.f("ticket_reference_idx"), "ticket", ["reference"], unique=False, schema=_SCHEMA
    )
    op.create_index(
        op.f("ticket_screening_id_idx"), "ticket", ["screening", "id"], unique=False, schema=_SCHEMA
    )
    op.create_table(
        "ticket_event",
        sa.Column("ticket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="TicketEventKind"),
        sa.Column(
            "account", sa.LargeBinary(), nullable=True, comment="the new owner, or who was paid"
        ),
        sa.Column(
            "former", sa.LargeBinary(), nullable=True, comment="the owner before, where it changed"
        ),
        sa.Column(
            "document",
            sa.LargeBinary(),
            nullable=True,
            comment="16 bytes: why; NULL where none was named",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=78, scale=0),
            nullable=True,
            comment="what was paid out, on the chain or outside",
        ),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=True,
            comment="the record whose deposit was returned",
        ),
        sa.PrimaryKeyConstraint("ticket", "block", "log_index", name=op.f("ticket_event_pkey")),
        schema=_SCHEMA,
        comment="What happened to tickets after they were issued",
    )
    op.create_index(
        op.f("ticket_event_account_idx"), "ticket_event", ["account"], unique=False, schema=_SCHEMA
    )
    op.create_index(
        op.f("ticket_event_block_idx"), "ticket_event", ["block"], unique=False, schema=_SCHEMA
    )
    op.create_index(
        op.f("ticket_event_former_idx"), "ticket_event", ["former"], unique=False, schema=_SCHEMA
    )
    op.create_table(
        "tier",
        sa.Column("screening", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tier", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("office", sa.LargeBinary(), nullable=False),
        sa.Column("price", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column(
            "deposit",
            sa.Numeric(precision=78, scale=0),
            nullable=False,
            comment="the part of the price that is a member's principal deposit",
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("screening", "tier", "block", "log_index", name=op.f("tier_pkey")),
        schema=_SCHEMA,
        comment="Price classes as they were set; the last row by (block, log_index) is in force",
    )
    op.create_table(
        "transaction",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("transaction_pkey")),
        schema=_SCHEMA,
        comment="Who sent the transactions that the events came from",
    )
    op.create_index(
        op.f("transaction_block_idx"), "transaction", ["block"], unique=False, schema=_SCHEMA
    )
    op.create_table(
        "withdrawal",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.Column("screening", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False, comment="who was paid"),
        sa.Column("amount", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("withdrawal_pkey")),
        schema=_SCHEMA,
        comment="Takings that the treasurer paid out",
    )


def downgrade() -> None:
    """Remove the tables and everything in them."""
    for table in [
        "withdrawal",
        "transaction",
        "tier",
        "ticket_event",
        "ticket",
        "tally",
        "standing_change",
        "screening_event",
        "screening",
        "register_event",
        "record",
        "origin",
        "move_event",
        "issuer",
        "gate_refusal",
        "film",
        "exit",
        "cursor",
        "block",
    ]:
        op.drop_table(table, schema=_SCHEMA)
