"""Sources, municipalities and everything that is said about each."""

from komuna_shared.migrations import execute_script

revision = "r002"
down_revision = "r001"

_UPGRADE = """
CREATE TABLE source (
    code VARCHAR(100) NOT NULL,
    title VARCHAR(500) NOT NULL,
    issuer VARCHAR(300) NOT NULL,
    published_on VARCHAR(30),
    retrieved_on VARCHAR(30),
    language VARCHAR(10) NOT NULL,
    licence VARCHAR(300),
    url VARCHAR(500),
    standing VARCHAR(63) NOT NULL,
    note VARCHAR(1000),
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_source PRIMARY KEY (code),
    CONSTRAINT ck_source_standing CHECK (standing IN (
        'primary', 'secondary', 'unverified', 'synthetic'
    ))
);

CREATE TABLE municipality (
    slug VARCHAR(100) NOT NULL,
    note VARCHAR(1000),
    version INTEGER DEFAULT '1' NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_municipality PRIMARY KEY (slug),
    CONSTRAINT fk_municipality_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE municipality_name (
    municipality VARCHAR(100) NOT NULL,
    language VARCHAR(10) NOT NULL,
    form VARCHAR(63) NOT NULL,
    text VARCHAR(200) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_municipality_name PRIMARY KEY (municipality, language, form),
    CONSTRAINT fk_municipality_name_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT ck_municipality_name_nameform CHECK (form IN ('indefinite', 'definite')),
    CONSTRAINT fk_municipality_name_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE municipality_code (
    scheme VARCHAR(100) NOT NULL,
    code VARCHAR(20) NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    is_verified BOOLEAN NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_municipality_code PRIMARY KEY (scheme, code),
    CONSTRAINT fk_municipality_code_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_municipality_code_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_municipality_code_municipality ON municipality_code (municipality);

CREATE TABLE municipality_alias (
    municipality VARCHAR(100) NOT NULL,
    text VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    kind VARCHAR(63) NOT NULL,
    note VARCHAR(1000),
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    CONSTRAINT pk_municipality_alias PRIMARY KEY (municipality, text, source),
    CONSTRAINT fk_municipality_alias_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_municipality_alias_source FOREIGN KEY(source) REFERENCES source (code),
    CONSTRAINT ck_municipality_alias_aliaskind CHECK (kind IN (
        'document', 'canonical', 'damaged', 'other'
    ))
);

CREATE TABLE region (
    code VARCHAR(100) NOT NULL,
    scheme VARCHAR(100) NOT NULL,
    names JSONB NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_region PRIMARY KEY (code),
    CONSTRAINT fk_region_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE municipality_region (
    municipality VARCHAR(100) NOT NULL,
    region VARCHAR(100) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_municipality_region PRIMARY KEY (municipality, region),
    CONSTRAINT fk_municipality_region_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_municipality_region_region FOREIGN KEY(region) REFERENCES region (code),
    CONSTRAINT fk_municipality_region_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE municipality_population (
    municipality VARCHAR(100) NOT NULL,
    vintage VARCHAR(50) NOT NULL,
    method VARCHAR(63),
    persons INTEGER,
    note VARCHAR(1000),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_municipality_population PRIMARY KEY (municipality, vintage),
    CONSTRAINT ck_municipality_population_counted
        CHECK ((persons is null) = (method is null or method = 'not_enumerated')),
    CONSTRAINT ck_municipality_population_persons_not_negative CHECK (persons >= 0),
    CONSTRAINT fk_municipality_population_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT ck_municipality_population_countmethod CHECK (method IN (
        'enumerated', 'estimated', 'boycotted', 'not_enumerated'
    )),
    CONSTRAINT fk_municipality_population_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE municipality_succession (
    predecessor VARCHAR(100) NOT NULL,
    successor VARCHAR(100) NOT NULL,
    happened_on VARCHAR(30),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_municipality_succession PRIMARY KEY (predecessor, successor),
    CONSTRAINT fk_municipality_succession_predecessor
        FOREIGN KEY(predecessor) REFERENCES municipality (slug),
    CONSTRAINT fk_municipality_succession_successor
        FOREIGN KEY(successor) REFERENCES municipality (slug),
    CONSTRAINT fk_municipality_succession_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE frame_version (
    id BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_frame_version PRIMARY KEY (id),
    CONSTRAINT ck_frame_version_single CHECK (id)
);
"""

_DOWNGRADE = """
DROP TABLE frame_version;
DROP TABLE municipality_succession;
DROP TABLE municipality_population;
DROP TABLE municipality_region;
DROP TABLE region;
DROP TABLE municipality_alias;
DROP TABLE municipality_code;
DROP TABLE municipality_name;
DROP TABLE municipality;
DROP TABLE source;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
