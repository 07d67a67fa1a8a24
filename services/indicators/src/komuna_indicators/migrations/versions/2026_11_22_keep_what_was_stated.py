"""The application adds statements and releases; of what is there it changes only what it must."""

from alembic import op

revision = "i006"
down_revision = "i005"
branch_labels = None
depends_on = None

_TABLES = "observation, observation_input, release"


def upgrade() -> None:
    op.execute(f"revoke update, delete on {_TABLES} from indicators_app")
    # A statement ends when another replaces it; the release of an import grows batch by batch.
    op.execute("grant update (valid_to) on observation to indicators_app")
    op.execute("grant update (observation_count) on release to indicators_app")


def downgrade() -> None:
    op.execute(f"grant update, delete on {_TABLES} to indicators_app")
