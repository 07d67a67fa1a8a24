"""Thresholds of shares: which percentage a rule demands stands beside its source."""

from komuna_shared.migrations import execute_script

revision = "r016"
down_revision = "r015"

# The percentages were part of the code until now; its name of each threshold says which.
_UPGRADE = """
ALTER TABLE language_rule ADD COLUMN percent NUMERIC(5, 2);
UPDATE language_rule
    SET percent = CASE threshold WHEN 'five_percent' THEN 5 ELSE 3 END
    WHERE threshold IN ('five_percent', 'three_percent');
ALTER TABLE language_rule
    ADD CONSTRAINT ck_language_rule_threshold_percent
        CHECK ((percent is not null) = coalesce(threshold <> 'traditional', false)),
    ADD CONSTRAINT ck_language_rule_percent CHECK (percent between 0 and 100);

ALTER TABLE mechanism_kind ADD COLUMN mandate_percent NUMERIC(5, 2);
UPDATE mechanism_kind SET mandate_percent = 10 WHERE mandate = 'communities_ten_percent';
ALTER TABLE mechanism_kind ADD CONSTRAINT ck_mechanism_kind_mandate_percent
    CHECK (mandate_percent is null or mandate = 'communities_ten_percent');
"""

_DOWNGRADE = """
ALTER TABLE mechanism_kind DROP COLUMN mandate_percent;
ALTER TABLE language_rule DROP COLUMN percent;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
