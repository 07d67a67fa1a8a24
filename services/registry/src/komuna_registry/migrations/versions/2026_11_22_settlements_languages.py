"""Settlements, languages that are owed, since when a mandate holds, by what institutions end."""

from komuna_shared.migrations import execute_script

revision = "r013"
down_revision = "r012"

_UPGRADE = """
CREATE TABLE settlement (
    code VARCHAR(100) NOT NULL,
    kind VARCHAR(63) NOT NULL,
    names JSONB NOT NULL,
    words VARCHAR(1000) NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_settlement PRIMARY KEY (code),
    CONSTRAINT ck_settlement_settlementkind CHECK (kind IN ('settlement', 'village', 'town')),
    CONSTRAINT fk_settlement_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE settlement_municipality (
    settlement VARCHAR(100) NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_settlement_municipality PRIMARY KEY (settlement, municipality),
    CONSTRAINT fk_settlement_municipality_settlement
        FOREIGN KEY(settlement) REFERENCES settlement (code),
    CONSTRAINT fk_settlement_municipality_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_settlement_municipality_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_settlement_municipality_municipality ON settlement_municipality (municipality);

CREATE TABLE language_rule (
    code VARCHAR(100) NOT NULL,
    language VARCHAR(10),
    municipality VARCHAR(100),
    threshold VARCHAR(63),
    standing VARCHAR(63) NOT NULL,
    law VARCHAR(500) NOT NULL,
    article VARCHAR(100),
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_language_rule PRIMARY KEY (code),
    CONSTRAINT ck_language_rule_named_or_counted
        CHECK ((language is null) = (threshold is not null)),
    CONSTRAINT fk_language_rule_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT ck_language_rule_threshold
        CHECK (threshold IN ('five_percent', 'three_percent', 'traditional')),
    CONSTRAINT ck_language_rule_languagestanding CHECK (standing IN ('official', 'in_use')),
    CONSTRAINT fk_language_rule_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE municipality_language (
    id UUID DEFAULT uuidv7() NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    language VARCHAR(10) NOT NULL,
    is_traditional BOOLEAN NOT NULL,
    counted_on DATE,
    method VARCHAR(63),
    percent NUMERIC(5, 2),
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_municipality_language PRIMARY KEY (id),
    CONSTRAINT uq_municipality_language_once
        UNIQUE NULLS NOT DISTINCT (municipality, language, counted_on, source),
    CONSTRAINT ck_municipality_language_counted_or_traditional
        CHECK (is_traditional = (counted_on is null) and is_traditional = (method is null)),
    CONSTRAINT ck_municipality_language_counted
        CHECK ((percent is null) = (method is null or method = 'not_enumerated')),
    CONSTRAINT ck_municipality_language_percent CHECK (percent between 0 and 100),
    CONSTRAINT fk_municipality_language_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT ck_municipality_language_countmethod
        CHECK (method IN ('enumerated', 'estimated', 'boycotted', 'not_enumerated')),
    CONSTRAINT fk_municipality_language_source FOREIGN KEY(source) REFERENCES source (code)
);

ALTER TABLE mechanism_kind
    ADD COLUMN mandate_since VARCHAR(30),
    ADD COLUMN mandate_source VARCHAR(100),
    ADD COLUMN mandate_locator VARCHAR(200),
    ADD CONSTRAINT ck_mechanism_kind_mandate_sourced
        CHECK (num_nulls(mandate_since, mandate_source, mandate_locator) in (0, 3)),
    ADD CONSTRAINT fk_mechanism_kind_mandate_source
        FOREIGN KEY (mandate_source) REFERENCES source (code);

ALTER TABLE institution
    ADD COLUMN until_source VARCHAR(100),
    ADD COLUMN until_locator VARCHAR(200),
    ADD CONSTRAINT ck_institution_until_sourced
        CHECK (
            num_nulls(until_source, until_locator) in (0, 2)
            and (until_source is null or valid_until is not null)
        ),
    ADD CONSTRAINT fk_institution_until_source
        FOREIGN KEY (until_source) REFERENCES source (code);

SELECT keep_history('settlement', 'settlement', 'code');
SELECT keep_history('settlement_municipality', 'settlement', 'settlement');
SELECT keep_history('language_rule', 'language_rule', 'code');
SELECT keep_history('municipality_language', 'municipality', 'municipality');
"""

_DOWNGRADE = """
ALTER TABLE institution DROP COLUMN until_source, DROP COLUMN until_locator;
ALTER TABLE mechanism_kind
    DROP COLUMN mandate_since, DROP COLUMN mandate_source, DROP COLUMN mandate_locator;
DROP TABLE municipality_language;
DROP TABLE language_rule;
DROP TABLE settlement_municipality;
DROP TABLE settlement;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
