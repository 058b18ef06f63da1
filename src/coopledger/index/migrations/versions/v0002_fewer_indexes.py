"""Two indexes of tickets go: no question needs them, and each new ticket paid for them."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SCHEMA = "index"


def upgrade() -> None:
    """Drop them."""
    for name in ("ticket_owner_id_idx", "ticket_reference_idx"):
        op.drop_index(name, "ticket", schema=_SCHEMA)


def downgrade() -> None:
    """Make them again."""
    op.create_index("ticket_owner_id_idx", "ticket", ["owner", "id"], schema=_SCHEMA)
    op.create_index("ticket_reference_idx", "ticket", ["reference"], schema=_SCHEMA)
