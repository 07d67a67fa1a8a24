"""Institutions, and the accounts and assignments of those who work in them."""

from komuna_shared.migrations import execute_script

revision = "r003"
down_revision = "r002"

_UPGRADE = """
CREATE TABLE institution (
    code VARCHAR(100) NOT NULL,
    kind VARCHAR(63) NOT NULL,
    names JSONB NOT NULL,
    words VARCHAR(1000) NOT NULL,
    municipality VARCHAR(100),
    version INTEGER DEFAULT '1' NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_institution PRIMARY KEY (code),
    CONSTRAINT ck_institution_institutionkind CHECK (kind IN (
        'government', 'independent', 'municipal', 'police', 'prosecution', 'justice',
        'social_work', 'health', 'shelter', 'civil_society', 'international'
    )),
    CONSTRAINT fk_institution_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_institution_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_institution_municipality ON institution (municipality);

CREATE TABLE institution_name (
    institution VARCHAR(100) NOT NULL,
    language VARCHAR(10) NOT NULL,
    form VARCHAR(63) NOT NULL,
    text VARCHAR(300) NOT NULL,
    words VARCHAR(500) NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_institution_name PRIMARY KEY (institution, language, form, text),
    CONSTRAINT fk_institution_name_institution
        FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT ck_institution_name_nameform CHECK (form IN ('name', 'abbreviation', 'alias')),
    CONSTRAINT fk_institution_name_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE institution_parent (
    institution VARCHAR(100) NOT NULL,
    parent VARCHAR(100) NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_institution_parent PRIMARY KEY (institution, parent),
    CONSTRAINT ck_institution_parent_not_itself CHECK (institution <> parent),
    CONSTRAINT fk_institution_parent_institution
        FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT fk_institution_parent_parent FOREIGN KEY(parent) REFERENCES institution (code),
    CONSTRAINT fk_institution_parent_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_institution_parent_parent ON institution_parent (parent);

CREATE TABLE institution_succession (
    predecessor VARCHAR(100) NOT NULL,
    successor VARCHAR(100) NOT NULL,
    happened_on VARCHAR(30),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_institution_succession PRIMARY KEY (predecessor, successor),
    CONSTRAINT ck_institution_succession_not_itself CHECK (predecessor <> successor),
    CONSTRAINT fk_institution_succession_predecessor
        FOREIGN KEY(predecessor) REFERENCES institution (code),
    CONSTRAINT fk_institution_succession_successor
        FOREIGN KEY(successor) REFERENCES institution (code),
    CONSTRAINT fk_institution_succession_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_institution_succession_successor ON institution_succession (successor);

CREATE TABLE account (
    id UUID DEFAULT uuidv7() NOT NULL,
    issuer VARCHAR(300) NOT NULL,
    subject VARCHAR(300) NOT NULL,
    name VARCHAR(300) NOT NULL,
    work_contact VARCHAR(300),
    language VARCHAR(10),
    is_synthetic BOOLEAN NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (id),
    CONSTRAINT uq_account_issuer_subject UNIQUE (issuer, subject)
);

CREATE TABLE assignment (
    id UUID DEFAULT uuidv7() NOT NULL,
    account UUID NOT NULL,
    role VARCHAR(63) NOT NULL,
    institution VARCHAR(100),
    municipality VARCHAR(100),
    valid_from DATE NOT NULL,
    valid_until DATE,
    granted_by UUID,
    source VARCHAR(300) NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by UUID,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_assignment PRIMARY KEY (id),
    CONSTRAINT ck_assignment_period_order CHECK (valid_until is null or valid_from < valid_until),
    CONSTRAINT ex_assignment_once
        EXCLUDE USING gist
        (account WITH =, role WITH =, coalesce(institution, '') WITH =,
         coalesce(municipality, '') WITH =, daterange(valid_from, valid_until) WITH &&)
        WHERE (revoked_at is null),
    CONSTRAINT fk_assignment_account FOREIGN KEY(account) REFERENCES account (id),
    CONSTRAINT ck_assignment_role CHECK (role IN (
        'frontend', 'municipal_officer', 'municipal_admin', 'analyst', 'coordinator',
        'institution_admin', 'institution_reporter', 'auditor', 'dpo', 'ops',
        'first_responder', 'investigator', 'advocate', 'social_worker', 'case_owner',
        'supervisor', 'shelter_intake', 'provider', 'prosecutor_liaison'
    )),
    CONSTRAINT fk_assignment_institution FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT fk_assignment_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_assignment_granted_by FOREIGN KEY(granted_by) REFERENCES account (id),
    CONSTRAINT fk_assignment_revoked_by FOREIGN KEY(revoked_by) REFERENCES account (id)
);

CREATE INDEX ix_assignment_account ON assignment (account);

CREATE INDEX ix_assignment_institution ON assignment (institution);

CREATE INDEX ix_assignment_municipality ON assignment (municipality);
"""

_DOWNGRADE = """
DROP TABLE assignment;
DROP TABLE account;
DROP TABLE institution_succession;
DROP TABLE institution_parent;
DROP TABLE institution_name;
DROP TABLE institution;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
