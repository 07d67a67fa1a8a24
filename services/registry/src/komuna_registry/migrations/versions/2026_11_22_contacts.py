"""The work contacts of officers."""

from komuna_shared.migrations import execute_script

revision = "r011"
down_revision = "r010"

_UPGRADE = """
CREATE TABLE contact (
    id UUID DEFAULT uuidv7() NOT NULL,
    municipality VARCHAR(100),
    institution VARCHAR(100),
    kind VARCHAR(100),
    position VARCHAR(200),
    office VARCHAR(100),
    name VARCHAR(200) NOT NULL,
    email VARCHAR(254),
    telephone VARCHAR(40),
    languages VARCHAR(10)[] NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    words VARCHAR(500) NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_contact PRIMARY KEY (id),
    CONSTRAINT uq_contact_once
        UNIQUE NULLS NOT DISTINCT (municipality, institution, kind, position, name),
    CONSTRAINT ck_contact_one_owner CHECK (num_nonnulls(institution, municipality) = 1),
    CONSTRAINT ck_contact_does_something CHECK (num_nonnulls(kind, position) > 0),
    CONSTRAINT ck_contact_can_be_reached CHECK (num_nonnulls(email, telephone) > 0),
    CONSTRAINT ck_contact_languages
        CHECK (languages <@ array['sq','sr','en','tr','bs','rom']::VARCHAR(10)[]),
    CONSTRAINT ck_contact_certain_is_possible CHECK (possible @> certain),
    CONSTRAINT ck_contact_ends_after_it_begins CHECK (not isempty(possible)),
    CONSTRAINT ck_contact_synthetic_from_2026 CHECK (
        not is_synthetic or coalesce(lower(possible) >= date '2026-01-01', false)
    ),
    CONSTRAINT fk_contact_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_contact_institution
        FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT fk_contact_kind FOREIGN KEY(kind) REFERENCES office_kind (code),
    CONSTRAINT fk_contact_office FOREIGN KEY(office) REFERENCES office (code),
    CONSTRAINT fk_contact_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_contact_institution ON contact (institution);

CREATE INDEX ix_contact_kind ON contact (kind);

CREATE INDEX ix_contact_office ON contact (office);

CREATE INDEX ix_contact_words ON contact USING gin (words gin_trgm_ops);

SELECT keep_history('contact', 'contact', 'id');
"""

_DOWNGRADE = """
DROP TABLE contact;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
