"""Catalogue, figures, releases, and the copy of registry's municipalities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "i002"
down_revision = "i001"


def upgrade() -> None:
    op.create_table(
        "catalogue_version",
        sa.Column("id", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id", name=op.f("ck_catalogue_version_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_version")),
    )
    op.create_table(
        "code_list",
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("is_exclusive", sa.Boolean(), nullable=False),
        sa.Column("codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Text(collation="C"), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "valid_from",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "valid_to",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("'infinity'"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "valid_from <= valid_to", name=op.f("ck_code_list_not_replaced_before_written")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_list")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_code_list_code_version")),
    )
    op.create_index(
        op.f("ix_code_list_code"),
        "code_list",
        ["code"],
        unique=True,
        postgresql_where=sa.text("valid_to = 'infinity'"),
    )
    op.create_table(
        "dataflow",
        sa.Column(
            "tier",
            sa.Enum(
                "0", "1", "2", name="tier", native_enum=False, create_constraint=True, length=63
            ),
            nullable=False,
        ),
        sa.Column("dimensions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Text(collation="C"), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "valid_from",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "valid_to",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("'infinity'"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "valid_from <= valid_to", name=op.f("ck_dataflow_not_replaced_before_written")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataflow")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_dataflow_code_version")),
    )
    op.create_index(
        op.f("ix_dataflow_code"),
        "dataflow",
        ["code"],
        unique=True,
        postgresql_where=sa.text("valid_to = 'infinity'"),
    )
    op.create_table(
        "document",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("publisher", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.Text(collation="C"), nullable=False),
        sa.Column("published_on", sa.Text(collation="C"), nullable=True),
        sa.Column("covers_from", sa.Date(), nullable=False),
        sa.Column("covers_to", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_document")),
    )
    op.create_table(
        "indicator",
        sa.Column("dataflow", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=True),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "indicator_type",
            sa.Enum(
                "structural",
                "process",
                "outcome",
                name="indicatortype",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column("unit", sa.Text(collation="C"), nullable=False),
        sa.Column("decimals", sa.SmallInteger(), nullable=False),
        sa.Column(
            "periodicity",
            sa.Enum(
                "month",
                "quarter",
                "half_year",
                "year",
                "event",
                name="periodicity",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column(
            "aggregation",
            sa.Enum(
                "sum",
                "ratio",
                "none",
                name="aggregation",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column("numerator", sa.String(), nullable=True),
        sa.Column("denominator", sa.String(), nullable=True),
        sa.Column(
            "law_references",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Text(collation="C"), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "valid_from",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "valid_to",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("'infinity'"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "valid_from <= valid_to", name=op.f("ck_indicator_not_replaced_before_written")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_indicator_code_version")),
    )
    op.create_index(
        op.f("ix_indicator_code"),
        "indicator",
        ["code"],
        unique=True,
        postgresql_where=sa.text("valid_to = 'infinity'"),
    )
    op.create_table(
        "municipality_copy",
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "spellings", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("copied_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_municipality_copy")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("P", name="releasetier", native_enum=False, create_constraint=True, length=63),
            nullable=False,
        ),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("observation_count", sa.Integer(), nullable=False),
        sa.Column("certificate", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "published_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("code", name=op.f("uq_release_code")),
        sa.UniqueConstraint("import_id", name=op.f("uq_release_import_id")),
    )
    op.create_table(
        "observation",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("dataflow", sa.Text(collation="C"), nullable=False),
        sa.Column("indicator", sa.Text(collation="C"), nullable=False),
        sa.Column("municipality", sa.Text(collation="C"), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("breakdown", sa.Text(collation="C"), nullable=False),
        sa.Column("sex", sa.Text(collation="C"), nullable=True),
        sa.Column("age", sa.Text(collation="C"), nullable=True),
        sa.Column("community", sa.Text(collation="C"), nullable=True),
        sa.Column("citizenship", sa.Text(collation="C"), nullable=True),
        sa.Column("country_of_origin", sa.Text(collation="C"), nullable=True),
        sa.Column("offence", sa.Text(collation="C"), nullable=True),
        sa.Column("exploitation", sa.Text(collation="C"), nullable=True),
        sa.Column("kind", sa.Text(collation="C"), nullable=True),
        sa.Column("state", sa.Text(collation="C"), nullable=True),
        sa.Column("institution", sa.Text(collation="C"), nullable=True),
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
        sa.Column(
            "qualifier",
            sa.Enum(
                "over",
                "around",
                "at_least",
                "approximately",
                name="qualifier",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=True,
        ),
        sa.Column("unit", sa.Text(collation="C"), nullable=False),
        sa.Column("decimals", sa.SmallInteger(), nullable=False),
        sa.Column("numerator", sa.Numeric(), nullable=True),
        sa.Column("denominator", sa.Numeric(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "published",
                "computed",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("document", sa.Text(collation="C"), nullable=True),
        sa.Column("fact", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "members", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("note", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column(
            "valid_from",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "valid_to",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("'infinity'"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(period_from = '-infinity') = (period_to = 'infinity')",
            name=op.f("ck_observation_period_stated_or_not"),
        ),
        sa.CheckConstraint(
            "case when value is null then reason is not null and ((status = 'L' and reason in ('not_in_source')) or (status = 'M' and reason in ('cannot_exist')) or (status = 'O' and reason in ('blank_in_source', 'not_received')) or (status = 'Q' and reason in ('suppressed')) or (status = 'X' and reason in ('sources_disagree'))) else reason is null and status not in ('L', 'M', 'O', 'Q', 'X') end",
            name=op.f("ck_observation_a_value_or_why_not"),
        ),
        sa.CheckConstraint(
            "decimals between 0 and 9", name=op.f("ck_observation_decimals_in_range")
        ),
        sa.CheckConstraint(
            "period_from < period_to", name=op.f("ck_observation_period_is_not_empty")
        ),
        sa.CheckConstraint(
            "value is not null or qualifier is null", name=op.f("ck_observation_qualifies_a_value")
        ),
        sa.ForeignKeyConstraint(
            ["document"], ["document.code"], name=op.f("fk_observation_document")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_observation_release_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
    )
    op.create_index(
        "uq_observation_current",
        "observation",
        ["indicator", "municipality", "period_from", "period_to", "breakdown", "origin", "source"],
        unique=True,
        postgresql_where=sa.text("valid_to = 'infinity'"),
    )
    op.create_index(
        "uq_observation_fact",
        "observation",
        ["fact"],
        unique=True,
        postgresql_where=sa.text("valid_to = 'infinity' and fact is not null"),
    )
    op.create_table(
        "observation_input",
        sa.Column("observation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "numerator",
                "denominator",
                "part",
                name="inputrole",
                native_enum=False,
                create_constraint=True,
                length=63,
            ),
            nullable=False,
        ),
        sa.Column("input_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["input_id"], ["observation.id"], name=op.f("fk_observation_input_input_id")
        ),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_observation_input_observation_id")
        ),
        sa.PrimaryKeyConstraint("observation_id", "position", name=op.f("pk_observation_input")),
    )


def downgrade() -> None:
    op.drop_table("observation_input")
    op.drop_index(
        "uq_observation_fact",
        table_name="observation",
        postgresql_where=sa.text("valid_to = 'infinity' and fact is not null"),
    )
    op.drop_index(
        "uq_observation_current",
        table_name="observation",
        postgresql_where=sa.text("valid_to = 'infinity'"),
    )
    op.drop_table("observation")
    op.drop_table("release")
    op.drop_table("municipality_copy")
    op.drop_index(
        op.f("ix_indicator_code"),
        table_name="indicator",
        postgresql_where=sa.text("valid_to = 'infinity'"),
    )
    op.drop_table("indicator")
    op.drop_table("document")
    op.drop_index(
        op.f("ix_dataflow_code"),
        table_name="dataflow",
        postgresql_where=sa.text("valid_to = 'infinity'"),
    )
    op.drop_table("dataflow")
    op.drop_index(
        op.f("ix_code_list_code"),
        table_name="code_list",
        postgresql_where=sa.text("valid_to = 'infinity'"),
    )
    op.drop_table("code_list")
    op.drop_table("catalogue_version")
