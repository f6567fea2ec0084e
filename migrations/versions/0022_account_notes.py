"""Those who work here keep notes of customers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """No note was written yet."""
    op.create_table(
        "account_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_account_notes_text_given")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_account_notes_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_account_notes_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_notes")),
    )
    op.create_index(
        "ix_account_notes_user_id_created_at_id", "account_notes", ["user_id", "created_at", "id"]
    )
    op.execute(
        "CREATE TRIGGER account_notes_recorded AFTER INSERT OR DELETE OR UPDATE ON account_notes"
        " FOR EACH ROW EXECUTE FUNCTION record_change('id', 'text')"
    )


def downgrade() -> None:
    """Go back to 0021; the notes are gone."""
    op.drop_table("account_notes")
