"""Offices: published figures that counts point to, and what officers write."""

from komuna_shared.migrations import execute_script

revision = "r010"
down_revision = "r009"

_UPGRADE = """
CREATE TABLE office_publication (
    kind VARCHAR(100) NOT NULL,
    indicator VARCHAR(100) NOT NULL,
    period VARCHAR(50) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_office_publication PRIMARY KEY (kind, indicator, period),
    CONSTRAINT fk_office_publication_kind FOREIGN KEY(kind) REFERENCES office_kind (code),
    CONSTRAINT fk_office_publication_source FOREIGN KEY(source) REFERENCES source (code)
);

SELECT keep_history('office_publication', 'office_kind', 'kind');

ALTER TABLE tenure
    ADD COLUMN until_source VARCHAR(100),
    ADD COLUMN until_locator VARCHAR(200),
    ADD CONSTRAINT fk_tenure_until_source FOREIGN KEY(until_source) REFERENCES source (code),
    ADD CONSTRAINT ck_tenure_until_sourced CHECK (
        num_nulls(until_source, until_locator) in (0, 2)
        and (until_source is null or until is not null)
    );
"""

_DOWNGRADE = """
ALTER TABLE tenure DROP COLUMN until_source, DROP COLUMN until_locator;
DROP TABLE office_publication;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
