"""Two indexes of records go, which no question needs; two that only going back needs become small."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SCHEMA = "index"
_BULK = ("record", "ticket")


def upgrade() -> None:
    """Drop them, and index the blocks of the two large tables by ranges of pages."""
    for name in ("record_joined_at_number_idx", "record_full_idx"):
        op.drop_index(name, "record", schema=_SCHEMA)
    for table in _BULK:
        name = f"{table}_block_idx"
        op.drop_index(name, table, schema=_SCHEMA)
        op.create_index(
            *(name, table, ["block"]),
            schema=_SCHEMA,
            postgresql_using="brin",
            postgresql_with={"autosummarize": True},
        )


def downgrade() -> None:
    """Make them as they were."""
    for table in _BULK:
        name = f"{table}_block_idx"
        op.drop_index(name, table, schema=_SCHEMA)
        op.create_index(name, table, ["block"], schema=_SCHEMA)
    op.create_index(
        "record_full_idx", "record", ["number"], schema=_SCHEMA, postgresql_where="standing = 2"
    )
    op.create_index(
        "record_joined_at_number_idx", "record", ["joined_at", "number"], schema=_SCHEMA
    )
