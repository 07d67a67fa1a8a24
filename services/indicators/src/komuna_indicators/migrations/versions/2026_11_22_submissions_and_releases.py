"""Submissions that nobody alters, decisions by somebody else, and releases of what was verified."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "i004"
down_revision = "i003"
_ORIGINS = ("published", "computed")
_TIERS = ("P",)
# What the application may add and read, and nobody but the triggers below may change.
_KEPT = ("submission", "submission_cell", "submission_decision", "release_submission")

_SAME_REPORT = """
    one.obligation = report.obligation and one.municipality = report.municipality
    and one.period_from = report.period_from"""

# A version follows the last one of its report, once that one was decided about; whoever judged the
# report contributes nothing to it; and whether it is invented is the obligation's word.
_GUARD_SUBMISSION = """
create function guard_submission() returns trigger language plpgsql security definer
set search_path = indicators, pg_temp as $$
declare
    report submission := new;
    before submission%rowtype;
begin
    select * into before from submission one where same_report
        order by version_no desc limit 1 for update;
    if new.state <> 'submitted'
        or new.version_no <> coalesce(before.version_no, 0) + 1
        or new.supersedes is distinct from before.id
        or before.state not in ('returned', 'verified', 'published')
    then
        raise exception using errcode = '23514', constraint = 'follows_the_last', message = '';
    end if;
    if exists (select from submission_decision decided
        join submission one on one.id = decided.submission_id
        where same_report and decided.issuer = new.issuer and decided.subject = new.subject)
    then
        raise exception using errcode = '23514', constraint = 'four_eyes', message = '';
    end if;
    select is_synthetic into strict new.is_synthetic from obligation
        where code = new.obligation and valid_to = 'infinity';
    update submission set state = 'superseded' where id = before.id and state = 'verified';
    new.submitted_at := now();
    new.written_in := pg_current_xact_id()::text::bigint;
    return new;
end $$"""

# Cells come with their version, in its transaction, and never after.
_GUARD_CELL = """
create function guard_submission_cell() returns trigger language plpgsql security definer
set search_path = indicators, pg_temp as $$
begin
    if not exists (select from submission where id = new.submission_id and state = 'submitted'
        and written_in = pg_current_xact_id()::text::bigint)
    then
        raise exception using errcode = '23514', constraint = 'version_is_closed', message = '';
    end if;
    return new;
end $$"""

# Of two who decide at once the second waits here for the first, and finds the version decided.
_GUARD_DECISION = """
create function guard_submission_decision() returns trigger language plpgsql security definer
set search_path = indicators, pg_temp as $$
declare report submission%rowtype;
begin
    select * into strict report from submission where id = new.submission_id for update;
    if report.state <> 'submitted' then
        raise exception using errcode = '23505', constraint = 'decided_once', message = '';
    end if;
    if exists (select from submission one where same_report
        and one.issuer = new.issuer and one.subject = new.subject)
    then
        raise exception using errcode = '23514', constraint = 'four_eyes', message = '';
    end if;
    update submission set state = case new.decision when 'verify' then 'verified' else 'returned' end
        where id = report.id;
    new.decided_at := now();
    return new;
end $$"""

# Only what was verified becomes public, in a release of its own obligation and period.
_GUARD_PUBLICATION = """
create function guard_release_submission() returns trigger language plpgsql security definer
set search_path = indicators, pg_temp as $$
declare report submission%rowtype;
begin
    select * into strict report from submission where id = new.submission_id for update;
    if report.state <> 'verified' or not exists (select from release
        where id = new.release_id and obligation = report.obligation
        and period_from = report.period_from)
    then
        raise exception using errcode = '23514', constraint = 'verified_first', message = '';
    end if;
    update submission one set state = 'superseded' where same_report and state = 'published';
    update submission set state = 'published' where id = report.id;
    return new;
end $$"""
_GUARDS = {
    "submission": _GUARD_SUBMISSION,
    "submission_cell": _GUARD_CELL,
    "submission_decision": _GUARD_DECISION,
    "release_submission": _GUARD_PUBLICATION,
}


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("obligation", sa.Text(collation="C"), nullable=False),
        sa.Column("form", sa.Text(collation="C"), nullable=False),
        sa.Column("form_version", sa.Text(collation="C"), nullable=False),
        sa.Column("municipality", sa.Text(collation="C"), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "returned",
                "verified",
                "published",
                "superseded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            server_default="submitted",
            nullable=False,
        ),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("attests_no_cases", sa.Boolean(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "json", "xlsx", name="channel", native_enum=False, create_constraint=True, length=63
            ),
            nullable=False,
        ),
        sa.Column("file_sha256", sa.Text(collation="C"), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(collation="C"), nullable=False),
        sa.Column("issuer", sa.Text(collation="C"), nullable=False),
        sa.Column("subject", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "submitted_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("written_in", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "(channel = 'xlsx') = (file_sha256 is not null)",
            name=op.f("ck_submission_file_is_known"),
        ),
        sa.CheckConstraint(
            "not is_synthetic or period_from >= '2026-01-01'",
            name=op.f("ck_submission_synthetic_is_new"),
        ),
        sa.CheckConstraint(
            "(version_no = 1) = (supersedes is null)", name=op.f("ck_submission_follows_another")
        ),
        sa.CheckConstraint(
            "period_from < period_to", name=op.f("ck_submission_period_is_not_empty")
        ),
        sa.ForeignKeyConstraint(
            ["form", "form_version"],
            ["form.code", "form.version"],
            name=op.f("fk_submission_form_form_version"),
        ),
        sa.ForeignKeyConstraint(
            ["supersedes"], ["submission.id"], name=op.f("fk_submission_supersedes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "obligation",
            "municipality",
            "period_from",
            "version_no",
            name=op.f("uq_submission_obligation_municipality_period_from_version_no"),
        ),
        sa.UniqueConstraint("supersedes", name=op.f("uq_submission_supersedes")),
    )
    op.create_table(
        "release_submission",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_submission_release_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_release_submission_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_release_submission")),
    )
    op.create_index(
        op.f("ix_release_submission_release_id"), "release_submission", ["release_id"], unique=False
    )
    op.create_table(
        "submission_cell",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("cell", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "A",
                "E",
                "P",
                "U",
                "L",
                "O",
                "M",
                "Q",
                "X",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "blank_in_source",
                "not_in_source",
                "not_received",
                "cannot_exist",
                "suppressed",
                "sources_disagree",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=True,
        ),
        sa.Column("comment", sa.String(), nullable=True),
        sa.CheckConstraint(
            "case when value is null then reason is not null and ((status = 'L' and reason in ('not_in_source')) or (status = 'M' and reason in ('cannot_exist')) or (status = 'O' and reason in ('blank_in_source', 'not_received')) or (status = 'Q' and reason in ('suppressed')) or (status = 'X' and reason in ('sources_disagree'))) else reason is null and status not in ('L', 'M', 'O', 'Q', 'X') end",
            name=op.f("ck_submission_cell_a_value_or_why_not"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_cell_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", "cell", name=op.f("pk_submission_cell")),
    )
    op.create_table(
        "submission_decision",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "return",
                "verify",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column("comments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.Text(collation="C"), nullable=False),
        sa.Column("issuer", sa.Text(collation="C"), nullable=False),
        sa.Column("subject", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "decided_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_decision_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_decision")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_submission_decision_submission_id")),
    )
    op.add_column("observation", sa.Column("coverage_count", sa.SmallInteger(), nullable=True))
    op.add_column("observation", sa.Column("coverage_of", sa.SmallInteger(), nullable=True))
    op.add_column("observation", sa.Column("submission_id", sa.Uuid(), nullable=True))
    op.add_column("observation", sa.Column("cell", sa.Text(collation="C"), nullable=True))
    op.add_column("release", sa.Column("obligation", sa.Text(collation="C"), nullable=True))
    op.add_column("release", sa.Column("period_from", sa.Date(), nullable=True))
    op.add_column("release", sa.Column("period_to", sa.Date(), nullable=True))
    op.add_column("release", sa.Column("number", sa.SmallInteger(), nullable=True))
    op.add_column("release", sa.Column("is_synthetic", sa.Boolean(), nullable=True))
    op.add_column("release", sa.Column("coverage_count", sa.SmallInteger(), nullable=True))
    op.add_column("release", sa.Column("coverage_of", sa.SmallInteger(), nullable=True))
    op.alter_column("release", "import_id", existing_type=sa.UUID(), nullable=True)
    op.create_unique_constraint(
        op.f("uq_release_obligation_period_from_number"),
        "release",
        ["obligation", "period_from", "number"],
    )

    op.create_foreign_key(
        op.f("fk_observation_submission_id"),
        "observation",
        "submission",
        ["submission_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_release_of_an_import_or_of_reports"),
        "release",
        "(import_id is null) <> (obligation is null)",
    )
    op.create_check_constraint(
        op.f("ck_release_reports_are_told"),
        "release",
        "(obligation is null) = (period_from is null)"
        " and (obligation is null) = (period_to is null)"
        " and (obligation is null) = (is_synthetic is null)"
        " and (obligation is null) = (coverage_count is null)"
        " and (obligation is null) = (coverage_of is null)",
    )
    op.create_check_constraint(
        op.f("ck_observation_synthetic_is_new"),
        "observation",
        "origin <> 'synthetic' or period_from >= '2026-01-01'",
    )
    op.create_check_constraint(
        op.f("ck_observation_submitted_or_synthetic"),
        "observation",
        "submission_id is null or origin in ('submitted', 'synthetic')",
    )
    op.create_check_constraint(
        op.f("ck_observation_coverage_of_something"),
        "observation",
        "(coverage_count is null) = (coverage_of is null) and coverage_count <= coverage_of",
    )
    _allow("observation", "origin", (*_ORIGINS, "submitted", "synthetic"))
    _allow("release", "tier", (*_TIERS, "0"), name="releasetier")
    for table, guard in _GUARDS.items():
        op.execute(guard.replace("same_report", _SAME_REPORT))
        op.execute(
            f"create trigger guard before insert on {table}"
            f" for each row execute function guard_{table}()"
        )
    op.execute(f"revoke update, delete, truncate on {', '.join(_KEPT)} from indicators_app")
    # A published version never changes; it only ends.
    op.execute("revoke update, delete on form, obligation from indicators_app")
    op.execute("grant update (valid_to) on form, obligation to indicators_app")


def _allow(table: str, column: str, values: tuple[str, ...], *, name: str | None = None) -> None:
    """Let a column hold these words and no others."""
    # The tables were made without the convention for the names of such constraints.
    constraint = name or column
    op.drop_constraint(op.f(constraint), table, type_="check")
    listed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(op.f(constraint), table, f"{column} in ({listed})")


def downgrade() -> None:
    op.execute("grant update, delete on form, obligation to indicators_app")
    # What only reports told goes with them; a figure that rests on another goes first.
    op.execute(
        "delete from observation_input using observation one"
        " where one.id = observation_id and one.origin not in ('published', 'computed')"
    )
    op.execute("delete from observation where origin not in ('published', 'computed')")
    op.execute("delete from release_submission")
    op.execute("delete from release where import_id is null")
    _allow("release", "tier", _TIERS, name="releasetier")
    _allow("observation", "origin", _ORIGINS)
    for table in ("synthetic_is_new", "submitted_or_synthetic", "coverage_of_something"):
        op.drop_constraint(op.f(f"ck_observation_{table}"), "observation", type_="check")
    for table in ("of_an_import_or_of_reports", "reports_are_told"):
        op.drop_constraint(op.f(f"ck_release_{table}"), "release", type_="check")
    op.drop_constraint(op.f("fk_observation_submission_id"), "observation", type_="foreignkey")
    op.drop_constraint(op.f("uq_release_obligation_period_from_number"), "release", type_="unique")
    op.alter_column("release", "import_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("release", "coverage_of")
    op.drop_column("release", "coverage_count")
    op.drop_column("release", "is_synthetic")
    op.drop_column("release", "number")
    op.drop_column("release", "period_to")
    op.drop_column("release", "period_from")
    op.drop_column("release", "obligation")
    op.drop_column("observation", "cell")
    op.drop_column("observation", "submission_id")
    op.drop_column("observation", "coverage_of")
    op.drop_column("observation", "coverage_count")
    op.drop_table("submission_decision")
    op.drop_table("submission_cell")
    op.drop_index(op.f("ix_release_submission_release_id"), table_name="release_submission")
    op.drop_table("release_submission")
    op.drop_table("submission")
    for table in _GUARDS:
        op.execute(f"drop function guard_{table}()")
