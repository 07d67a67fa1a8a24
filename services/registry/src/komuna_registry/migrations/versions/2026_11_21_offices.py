"""Offices and those who held them; mechanisms and what sources say of them."""

from komuna_shared.migrations import execute_script

revision = "r004"
down_revision = "r003"

_UPGRADE = """
CREATE TABLE office_kind (
    code VARCHAR(100) NOT NULL,
    names JSONB NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_office_kind PRIMARY KEY (code),
    CONSTRAINT fk_office_kind_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE office (
    code VARCHAR(100) NOT NULL,
    kind VARCHAR(100) NOT NULL,
    institution VARCHAR(100),
    municipality VARCHAR(100),
    names JSONB NOT NULL,
    seats INTEGER NOT NULL,
    words VARCHAR(2000) NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_office PRIMARY KEY (code),
    CONSTRAINT ck_office_one_owner CHECK (num_nonnulls(institution, municipality) = 1),
    CONSTRAINT ck_office_seats CHECK (seats between 1 and 500),
    CONSTRAINT fk_office_kind FOREIGN KEY(kind) REFERENCES office_kind (code),
    CONSTRAINT fk_office_institution FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT fk_office_municipality FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_office_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_office_institution ON office (institution);

CREATE INDEX ix_office_kind ON office (kind);

CREATE INDEX ix_office_municipality ON office (municipality);

CREATE INDEX ix_office_words ON office USING gin (words gin_trgm_ops);

CREATE TABLE holder (
    code VARCHAR(100) NOT NULL,
    name VARCHAR(200) NOT NULL,
    sex VARCHAR(63),
    sex_source VARCHAR(100),
    sex_locator VARCHAR(200),
    community VARCHAR(100),
    community_source VARCHAR(100),
    community_locator VARCHAR(200),
    words VARCHAR(500) NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_holder PRIMARY KEY (code),
    CONSTRAINT ck_holder_sex_sourced CHECK (num_nulls(sex, sex_source, sex_locator) in (0, 3)),
    CONSTRAINT ck_holder_community_sourced
        CHECK (num_nulls(community, community_source, community_locator) in (0, 3)),
    CONSTRAINT ck_holder_sex CHECK (sex IN ('female', 'male')),
    CONSTRAINT fk_holder_sex_source FOREIGN KEY(sex_source) REFERENCES source (code),
    CONSTRAINT fk_holder_community_source FOREIGN KEY(community_source) REFERENCES source (code),
    CONSTRAINT fk_holder_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_holder_words ON holder USING gin (words gin_trgm_ops);

CREATE TABLE tenure (
    id UUID DEFAULT uuidv7() NOT NULL,
    office VARCHAR(100) NOT NULL,
    seat INTEGER NOT NULL,
    holder VARCHAR(100) NOT NULL,
    since VARCHAR(30),
    until VARCHAR(30),
    attested_on VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    is_acting BOOLEAN NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_tenure PRIMARY KEY (id),
    CONSTRAINT uq_tenure_office_seat_holder_since_attested_on
        UNIQUE NULLS NOT DISTINCT (office, seat, holder, since, attested_on),
    CONSTRAINT ex_tenure_certain EXCLUDE USING gist (office WITH =, seat WITH =, certain WITH &&),
    CONSTRAINT ck_tenure_certain_is_possible CHECK (possible @> certain),
    CONSTRAINT ck_tenure_ends_after_it_begins CHECK (not isempty(possible)),
    CONSTRAINT ck_tenure_seat CHECK (seat >= 1),
    CONSTRAINT fk_tenure_office FOREIGN KEY(office) REFERENCES office (code),
    CONSTRAINT fk_tenure_holder FOREIGN KEY(holder) REFERENCES holder (code),
    CONSTRAINT fk_tenure_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_tenure_holder ON tenure (holder);

CREATE INDEX ix_tenure_office_possible ON tenure USING gist (office, possible);

CREATE TABLE mechanism_kind (
    code VARCHAR(100) NOT NULL,
    names JSONB NOT NULL,
    mandate VARCHAR(63) NOT NULL,
    legal_basis VARCHAR(500),
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_mechanism_kind PRIMARY KEY (code),
    CONSTRAINT ck_mechanism_kind_mandate CHECK (mandate IN (
        'every_municipality', 'communities_ten_percent', 'by_agreement', 'strategy_list',
        'not_mandatory'
    )),
    CONSTRAINT fk_mechanism_kind_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE mechanism_statement (
    id UUID DEFAULT uuidv7() NOT NULL,
    kind VARCHAR(100) NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    aspect VARCHAR(63) NOT NULL,
    holds BOOLEAN NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    printed_as VARCHAR(200),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_mechanism_statement PRIMARY KEY (id),
    CONSTRAINT uq_mechanism_statement_once
        UNIQUE (kind, municipality, aspect, holds, valid_from, source, locator),
    CONSTRAINT ck_mechanism_statement_period_order
        CHECK (valid_until is null or valid_from < valid_until),
    CONSTRAINT fk_mechanism_statement_kind FOREIGN KEY(kind) REFERENCES mechanism_kind (code),
    CONSTRAINT fk_mechanism_statement_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT ck_mechanism_statement_aspect CHECK (aspect IN (
        'mandatory', 'established', 'vacant', 'functional', 'dissolved',
        'composition_compliant'
    )),
    CONSTRAINT fk_mechanism_statement_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_mechanism_statement_kind_valid_from ON mechanism_statement (kind, valid_from);

CREATE INDEX ix_mechanism_statement_municipality ON mechanism_statement (municipality);
"""

_DOWNGRADE = """
DROP TABLE mechanism_statement;
DROP TABLE mechanism_kind;
DROP TABLE tenure;
DROP TABLE holder;
DROP TABLE office;
DROP TABLE office_kind;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
