"""Facilities surveyed for access, and activities with their participants."""

from komuna_shared.migrations import execute_script

revision = "r014"
down_revision = "r013"

_UPGRADE = """
CREATE TABLE accessibility_criterion (
    code VARCHAR(100) NOT NULL,
    names JSONB NOT NULL,
    legal_basis VARCHAR(500),
    is_synthetic BOOLEAN NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_accessibility_criterion PRIMARY KEY (code),
    CONSTRAINT fk_accessibility_criterion_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE facility (
    code VARCHAR(100) NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    kind VARCHAR(63) NOT NULL,
    names JSONB NOT NULL,
    settlement VARCHAR(200),
    is_synthetic BOOLEAN NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_facility PRIMARY KEY (code),
    CONSTRAINT uq_facility_code_is_synthetic UNIQUE (code, is_synthetic),
    CONSTRAINT ck_facility_certain_is_possible CHECK (possible @> certain),
    CONSTRAINT ck_facility_ends_after_it_begins CHECK (not isempty(possible)),
    CONSTRAINT ck_facility_synthetic_from_2026
        CHECK (not is_synthetic or coalesce(lower(possible) >= date '2026-01-01', false)),
    CONSTRAINT fk_facility_municipality FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT ck_facility_facilitykind CHECK (kind IN ('public', 'collective_housing', 'private')),
    CONSTRAINT fk_facility_source FOREIGN KEY(source) REFERENCES source (code)
);
CREATE INDEX ix_facility_municipality ON facility (municipality);

CREATE TABLE facility_survey (
    id UUID DEFAULT uuidv7() NOT NULL,
    facility VARCHAR(100) NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    surveyed_on VARCHAR(30) NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    access VARCHAR(63) NOT NULL,
    commission VARCHAR(100),
    decision VARCHAR(100),
    decided_on DATE,
    follow_up VARCHAR(1000),
    follow_up_due_on DATE,
    followed_up_on DATE,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_facility_survey PRIMARY KEY (id),
    CONSTRAINT uq_facility_survey_once UNIQUE (facility, surveyed_on),
    CONSTRAINT fk_facility_survey_facility_is_synthetic
        FOREIGN KEY(facility, is_synthetic)
        REFERENCES facility (code, is_synthetic) ON UPDATE CASCADE,
    CONSTRAINT ck_facility_survey_days_in_order CHECK (first_day <= last_day),
    CONSTRAINT ck_facility_survey_decision_numbered
        CHECK (decided_on is null or decision is not null),
    CONSTRAINT ck_facility_survey_follow_up_said
        CHECK (follow_up is not null or num_nonnulls(follow_up_due_on, followed_up_on) = 0),
    CONSTRAINT ck_facility_survey_synthetic_from_2026
        CHECK (not is_synthetic or first_day >= date '2026-01-01'),
    CONSTRAINT ck_facility_survey_access
        CHECK (access IN ('accessible', 'partly', 'not', 'unknown')),
    CONSTRAINT fk_facility_survey_commission FOREIGN KEY(commission) REFERENCES institution (code),
    CONSTRAINT fk_facility_survey_source FOREIGN KEY(source) REFERENCES source (code)
);
CREATE INDEX ix_facility_survey_commission ON facility_survey (commission);

CREATE TABLE facility_finding (
    id UUID DEFAULT uuidv7() NOT NULL,
    facility VARCHAR(100) NOT NULL,
    surveyed_on VARCHAR(30) NOT NULL,
    criterion VARCHAR(100),
    result VARCHAR(63) NOT NULL,
    barrier VARCHAR(500),
    recommendation VARCHAR(500),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_facility_finding PRIMARY KEY (id),
    CONSTRAINT uq_facility_finding_once
        UNIQUE NULLS NOT DISTINCT (facility, surveyed_on, criterion, barrier),
    CONSTRAINT fk_facility_finding_survey
        FOREIGN KEY(facility, surveyed_on)
        REFERENCES facility_survey (facility, surveyed_on) ON UPDATE CASCADE,
    CONSTRAINT ck_facility_finding_something_found CHECK (num_nonnulls(criterion, barrier) > 0),
    CONSTRAINT fk_facility_finding_criterion
        FOREIGN KEY(criterion) REFERENCES accessibility_criterion (code),
    CONSTRAINT ck_facility_finding_result
        CHECK (result IN ('met', 'not_met', 'not_applicable', 'unknown')),
    CONSTRAINT fk_facility_finding_source FOREIGN KEY(source) REFERENCES source (code)
);
CREATE INDEX ix_facility_finding_criterion ON facility_finding (criterion);

CREATE TABLE activity (
    code VARCHAR(100) NOT NULL,
    kind VARCHAR(63) NOT NULL,
    names JSONB NOT NULL,
    topic VARCHAR(500),
    period VARCHAR(30) NOT NULL,
    extent VARCHAR(63) NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    note VARCHAR(1000),
    keeper VARCHAR(100),
    is_synthetic BOOLEAN NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_activity PRIMARY KEY (code),
    CONSTRAINT ck_activity_days_in_order CHECK (first_day <= last_day),
    CONSTRAINT ck_activity_synthetic_from_2026
        CHECK (not is_synthetic or first_day >= date '2026-01-01'),
    CONSTRAINT ck_activity_activitykind
        CHECK (kind
        IN ('training', 'workshop', 'conference', 'round_table', 'outreach_meeting', 'campaign',
        'public_meeting', 'accessibility_inspection', 'website_monitoring', 'mocr_monitoring')),
    CONSTRAINT ck_activity_extent CHECK (extent IN ('throughout', 'within')),
    CONSTRAINT fk_activity_keeper FOREIGN KEY(keeper) REFERENCES municipality (slug),
    CONSTRAINT fk_activity_source FOREIGN KEY(source) REFERENCES source (code)
);
CREATE INDEX ix_activity_first_day_code ON activity (first_day, code);
CREATE INDEX ix_activity_keeper ON activity (keeper);
CREATE INDEX ix_activity_kind ON activity (kind);

CREATE TABLE activity_municipality (
    activity VARCHAR(100) NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_activity_municipality PRIMARY KEY (activity, municipality),
    CONSTRAINT fk_activity_municipality_activity FOREIGN KEY(activity) REFERENCES activity (code),
    CONSTRAINT fk_activity_municipality_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_activity_municipality_source FOREIGN KEY(source) REFERENCES source (code)
);
CREATE INDEX ix_activity_municipality_municipality ON activity_municipality (municipality);

CREATE TABLE activity_party (
    id UUID DEFAULT uuidv7() NOT NULL,
    activity VARCHAR(100) NOT NULL,
    part VARCHAR(63) NOT NULL,
    institution VARCHAR(100),
    municipality VARCHAR(100),
    name VARCHAR(300),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_activity_party PRIMARY KEY (id),
    CONSTRAINT uq_activity_party_once
        UNIQUE NULLS NOT DISTINCT (activity, part, institution, municipality, name),
    CONSTRAINT ck_activity_party_one_party
        CHECK (num_nonnulls(institution, municipality, name) = 1),
    CONSTRAINT fk_activity_party_activity FOREIGN KEY(activity) REFERENCES activity (code),
    CONSTRAINT ck_activity_party_part CHECK (part IN ('organiser', 'supporter', 'participant')),
    CONSTRAINT fk_activity_party_institution FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT fk_activity_party_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_activity_party_source FOREIGN KEY(source) REFERENCES source (code)
);
CREATE INDEX ix_activity_party_institution ON activity_party (institution);
CREATE INDEX ix_activity_party_municipality ON activity_party (municipality);

CREATE TABLE activity_participant (
    id UUID DEFAULT uuidv7() NOT NULL,
    activity VARCHAR(100) NOT NULL,
    sex VARCHAR(63),
    community VARCHAR(100),
    persons INTEGER,
    status VARCHAR(63) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_activity_participant PRIMARY KEY (id),
    CONSTRAINT uq_activity_participant_once UNIQUE NULLS NOT DISTINCT (activity, sex, community),
    CONSTRAINT ck_activity_participant_persons_not_negative CHECK (persons >= 0),
    CONSTRAINT ck_activity_participant_missing_is_said CHECK ((persons is null) = (status <> 'A')),
    CONSTRAINT fk_activity_participant_activity FOREIGN KEY(activity) REFERENCES activity (code),
    CONSTRAINT ck_activity_participant_sex CHECK (sex IN ('female', 'male')),
    CONSTRAINT ck_activity_participant_participantstatus CHECK (status IN ('A', 'O', 'L')),
    CONSTRAINT fk_activity_participant_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE activity_evidence (
    activity VARCHAR(100) NOT NULL,
    url VARCHAR(500) NOT NULL,
    title VARCHAR(300),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_activity_evidence PRIMARY KEY (activity, url),
    CONSTRAINT fk_activity_evidence_activity FOREIGN KEY(activity) REFERENCES activity (code),
    CONSTRAINT fk_activity_evidence_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE activity_publication (
    kind VARCHAR(63) NOT NULL,
    indicator VARCHAR(100) NOT NULL,
    period VARCHAR(50) NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_activity_publication PRIMARY KEY (kind, indicator, period),
    CONSTRAINT ck_activity_publication_activitykind
        CHECK (kind
        IN ('training', 'workshop', 'conference', 'round_table', 'outreach_meeting', 'campaign',
        'public_meeting', 'accessibility_inspection', 'website_monitoring', 'mocr_monitoring')),
    CONSTRAINT fk_activity_publication_source FOREIGN KEY(source) REFERENCES source (code)
);
"""

# Every change of these is kept, whoever makes it.
_KEPT = """
SELECT keep_history('accessibility_criterion', 'accessibility_criterion', 'code');
SELECT keep_history('facility', 'facility', 'code');
SELECT keep_history('facility_survey', 'facility', 'facility');
SELECT keep_history('facility_finding', 'facility', 'facility');
SELECT keep_history('activity', 'activity', 'code');
SELECT keep_history('activity_municipality', 'activity', 'activity');
SELECT keep_history('activity_party', 'activity', 'activity');
SELECT keep_history('activity_participant', 'activity', 'activity');
SELECT keep_history('activity_evidence', 'activity', 'activity');
SELECT keep_history('activity_publication', 'activity_publication', 'indicator');
"""

_DOWNGRADE = """
DROP TABLE activity_publication, activity_evidence, activity_participant, activity_party;
DROP TABLE activity_municipality, activity;
DROP TABLE facility_finding, facility_survey, facility, accessibility_criterion;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)
    execute_script(_KEPT)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
