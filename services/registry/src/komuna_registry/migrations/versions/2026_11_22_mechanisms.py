"""Mechanisms one by one, with their states and meetings; shares of communities."""

from komuna_shared.migrations import execute_script

revision = "r007"
down_revision = "r006"

_UPGRADE = """
ALTER TABLE mechanism_kind
    ADD COLUMN abbreviation VARCHAR(20),
    ADD COLUMN meetings_per_year INTEGER,
    ADD COLUMN meetings_source VARCHAR(100),
    ADD COLUMN meetings_locator VARCHAR(200),
    ADD CONSTRAINT uq_mechanism_kind_abbreviation UNIQUE (abbreviation),
    ADD CONSTRAINT ck_mechanism_kind_meetings_positive CHECK (meetings_per_year > 0),
    ADD CONSTRAINT ck_mechanism_kind_meetings_sourced
        CHECK (num_nulls(meetings_per_year, meetings_source, meetings_locator) in (0, 3)),
    ADD CONSTRAINT fk_mechanism_kind_meetings_source
        FOREIGN KEY(meetings_source) REFERENCES source (code);

CREATE TABLE mechanism_publication (
    kind VARCHAR(100) NOT NULL,
    indicator VARCHAR(100) NOT NULL,
    period VARCHAR(50) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_mechanism_publication PRIMARY KEY (kind, indicator, period),
    CONSTRAINT fk_mechanism_publication_kind FOREIGN KEY(kind) REFERENCES mechanism_kind (code),
    CONSTRAINT fk_mechanism_publication_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE municipality_community (
    id UUID DEFAULT uuidv7() NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    vintage VARCHAR(50) NOT NULL,
    counted_on DATE NOT NULL,
    community VARCHAR(100),
    is_majority BOOLEAN NOT NULL,
    method VARCHAR(63) NOT NULL,
    percent NUMERIC(5, 2),
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_municipality_community PRIMARY KEY (id),
    CONSTRAINT uq_municipality_community_once
        UNIQUE NULLS NOT DISTINCT (municipality, vintage, community, source),
    CONSTRAINT ck_municipality_community_counted
        CHECK ((percent is null) = (method = 'not_enumerated')),
    CONSTRAINT ck_municipality_community_percent CHECK (percent between 0 and 100),
    CONSTRAINT ck_municipality_community_majority_is_one
        CHECK (not is_majority or community is not null),
    CONSTRAINT ck_municipality_community_countmethod
        CHECK (method IN ('enumerated', 'estimated', 'boycotted', 'not_enumerated')),
    CONSTRAINT fk_municipality_community_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_municipality_community_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE mechanism (
    code VARCHAR(100) NOT NULL,
    kind VARCHAR(100) NOT NULL,
    names JSONB NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_mechanism PRIMARY KEY (code),
    CONSTRAINT uq_mechanism_code_is_synthetic UNIQUE (code, is_synthetic),
    CONSTRAINT fk_mechanism_kind FOREIGN KEY(kind) REFERENCES mechanism_kind (code),
    CONSTRAINT fk_mechanism_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_mechanism_kind ON mechanism (kind);

CREATE TABLE mechanism_municipality (
    mechanism VARCHAR(100) NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_mechanism_municipality PRIMARY KEY (mechanism, municipality),
    CONSTRAINT fk_mechanism_municipality_mechanism
        FOREIGN KEY(mechanism) REFERENCES mechanism (code),
    CONSTRAINT fk_mechanism_municipality_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_mechanism_municipality_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_mechanism_municipality_municipality ON mechanism_municipality (municipality);

CREATE TABLE mechanism_state (
    id UUID DEFAULT uuidv7() NOT NULL,
    mechanism VARCHAR(100) NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    aspect VARCHAR(63) NOT NULL,
    holds BOOLEAN NOT NULL,
    since VARCHAR(30),
    until VARCHAR(30),
    attested_on VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    decision VARCHAR(100),
    decided_on DATE,
    printed_as VARCHAR(200),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_mechanism_state PRIMARY KEY (id),
    CONSTRAINT uq_mechanism_state_once
        UNIQUE NULLS NOT DISTINCT
        (mechanism, aspect, holds, since, attested_on, source, locator),
    CONSTRAINT fk_mechanism_state_mechanism_is_synthetic
        FOREIGN KEY(mechanism, is_synthetic) REFERENCES mechanism (code, is_synthetic)
        ON UPDATE CASCADE,
    CONSTRAINT ck_mechanism_state_aspect CHECK (aspect IN (
        'mandatory', 'established', 'vacant', 'functional', 'dissolved',
        'composition_compliant'
    )),
    CONSTRAINT ck_mechanism_state_dated CHECK (since is not null or attested_on is not null),
    CONSTRAINT ck_mechanism_state_certain_is_possible CHECK (possible @> certain),
    CONSTRAINT ck_mechanism_state_ends_after_it_begins CHECK (not isempty(possible)),
    CONSTRAINT ck_mechanism_state_synthetic_from_2026
        CHECK (not is_synthetic or coalesce(lower(possible) >= date '2026-01-01', false)),
    CONSTRAINT fk_mechanism_state_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE mechanism_meeting (
    id UUID DEFAULT uuidv7() NOT NULL,
    mechanism VARCHAR(100) NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    held_on DATE NOT NULL,
    topic VARCHAR(500),
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_mechanism_meeting PRIMARY KEY (id),
    CONSTRAINT uq_mechanism_meeting_once UNIQUE (mechanism, held_on),
    CONSTRAINT fk_mechanism_meeting_mechanism_is_synthetic
        FOREIGN KEY(mechanism, is_synthetic) REFERENCES mechanism (code, is_synthetic)
        ON UPDATE CASCADE,
    CONSTRAINT ck_mechanism_meeting_synthetic_from_2026
        CHECK (not is_synthetic or held_on >= date '2026-01-01'),
    CONSTRAINT fk_mechanism_meeting_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE mechanism_attendance (
    id UUID DEFAULT uuidv7() NOT NULL,
    mechanism VARCHAR(100) NOT NULL,
    held_on DATE NOT NULL,
    sex VARCHAR(63),
    community VARCHAR(100),
    persons INTEGER NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_mechanism_attendance PRIMARY KEY (id),
    CONSTRAINT uq_mechanism_attendance_once
        UNIQUE NULLS NOT DISTINCT (mechanism, held_on, sex, community),
    CONSTRAINT fk_mechanism_attendance_meeting
        FOREIGN KEY(mechanism, held_on) REFERENCES mechanism_meeting (mechanism, held_on),
    CONSTRAINT ck_mechanism_attendance_sex CHECK (sex IN ('female', 'male')),
    CONSTRAINT ck_mechanism_attendance_persons_not_negative CHECK (persons >= 0),
    CONSTRAINT fk_mechanism_attendance_source FOREIGN KEY(source) REFERENCES source (code)
);
"""

_DOWNGRADE = """
DROP TABLE mechanism_attendance;
DROP TABLE mechanism_meeting;
DROP TABLE mechanism_state;
DROP TABLE mechanism_municipality;
DROP TABLE mechanism;
DROP TABLE municipality_community;
DROP TABLE mechanism_publication;
ALTER TABLE mechanism_kind
    DROP COLUMN abbreviation,
    DROP COLUMN meetings_per_year,
    DROP COLUMN meetings_source,
    DROP COLUMN meetings_locator;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
