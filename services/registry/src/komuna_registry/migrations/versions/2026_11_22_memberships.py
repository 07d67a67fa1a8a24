"""Members of bodies: institutions, municipalities and persons, with function and dates."""

from komuna_shared.migrations import execute_script

revision = "r008"
down_revision = "r007"

_UPGRADE = """
CREATE TABLE membership (
    id UUID DEFAULT uuidv7() NOT NULL,
    body VARCHAR(100) NOT NULL,
    institution VARCHAR(100),
    municipality VARCHAR(100),
    holder VARCHAR(100),
    function VARCHAR(63) NOT NULL,
    since VARCHAR(30),
    until VARCHAR(30),
    attested_on VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_membership PRIMARY KEY (id),
    CONSTRAINT uq_membership_once
        UNIQUE NULLS NOT DISTINCT
        (body, institution, municipality, holder, function, since, attested_on),
    CONSTRAINT ck_membership_one_member
        CHECK (num_nonnulls(institution, municipality, holder) = 1),
    CONSTRAINT ck_membership_not_itself CHECK (body <> institution),
    CONSTRAINT ck_membership_dated CHECK (since is not null or attested_on is not null),
    CONSTRAINT ck_membership_certain_is_possible CHECK (possible @> certain),
    CONSTRAINT ck_membership_ends_after_it_begins CHECK (not isempty(possible)),
    CONSTRAINT fk_membership_body FOREIGN KEY(body) REFERENCES institution (code),
    CONSTRAINT fk_membership_institution
        FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT fk_membership_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_membership_holder FOREIGN KEY(holder) REFERENCES holder (code),
    CONSTRAINT ck_membership_memberfunction
        CHECK (function IN ('chair', 'deputy_chair', 'secretary', 'member', 'observer')),
    CONSTRAINT fk_membership_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_membership_institution ON membership (institution);

CREATE INDEX ix_membership_municipality ON membership (municipality);

CREATE INDEX ix_membership_holder ON membership (holder);
"""

_DOWNGRADE = """
DROP TABLE membership;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
