"""Workbooks that were sent as reports, and reminders of reports that were not sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "i005"
down_revision = "i004"

# What a report was made from is evidence: only a file that was refused may go, or be taken in yet.
_GUARD_FILE = """
create function guard_submission_file() returns trigger language plpgsql
set search_path = indicators, pg_temp as $$
begin
    if old.state = 'accepted' or (tg_op = 'UPDATE' and
        (new.id, new.issuer, new.subject, new.obligation, new.municipality, new.period_from, new.sha256,
            new.body) is distinct from
        (old.id, old.issuer, old.subject, old.obligation, old.municipality, old.period_from, old.sha256,
            old.body))
    then
        raise exception using errcode = '23514', constraint = 'file_is_evidence', message = '';
    end if;
    return coalesce(new, old);
end $$"""


def upgrade() -> None:
    op.create_table(
        "submission_file",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("obligation", sa.Text(collation="C"), nullable=False),
        sa.Column("municipality", sa.Text(collation="C"), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("form", sa.Text(collation="C"), nullable=False),
        sa.Column("form_version", sa.Text(collation="C"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "refused",
                "accepted",
                name="filestate",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column("submission", sa.Uuid(), nullable=True),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("given", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'accepted') = (submission is not null)",
            name=op.f("ck_submission_file_accepted_as"),
        ),
        sa.CheckConstraint(
            "state = 'accepted' or problems <> '[]'",
            name=op.f("ck_submission_file_refused_for_a_reason"),
        ),
        sa.CheckConstraint(
            "octet_length(body) <= 1048576", name=op.f("ck_submission_file_within_its_cap")
        ),
        sa.ForeignKeyConstraint(
            ["submission"], ["submission.id"], name=op.f("fk_submission_file_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_file")),
        sa.UniqueConstraint(
            "issuer",
            "subject",
            "obligation",
            "municipality",
            "period_from",
            "sha256",
            name="uq_submission_file_sender_report_sha256",
        ),
    )
    op.create_index(op.f("ix_submission_file_submission"), "submission_file", ["submission"])
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("obligation", sa.Text(collation="C"), nullable=False),
        sa.Column("municipality", sa.Text(collation="C"), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "due_soon",
                "overdue",
                "overdue_again",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            server_default=sa.text("'waiting'"),
            nullable=False,
        ),
        sa.Column("attempt_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at is not null)", name=op.f("ck_reminder_sent_at_an_instant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "obligation",
            "municipality",
            "period_from",
            "step",
            name=op.f("uq_reminder_obligation_municipality_period_from_step"),
        ),
    )
    op.create_index(
        op.f("ix_reminder_created_at"),
        "reminder",
        ["created_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.execute(_GUARD_FILE)
    op.execute(
        "create trigger guard before update or delete on submission_file"
        " for each row execute function guard_submission_file()"
    )


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_table("submission_file")
    op.execute("drop function guard_submission_file()")
