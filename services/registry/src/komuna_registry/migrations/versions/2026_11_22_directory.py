"""Services that help people, with their licences; nowhere where they are."""

from komuna_shared.migrations import execute_script

revision = "r005"
down_revision = "r004"

_UPGRADE = """
CREATE TABLE service (
    code VARCHAR(100) NOT NULL,
    institution VARCHAR(100) NOT NULL,
    type VARCHAR(63) NOT NULL,
    audience VARCHAR(63) NOT NULL,
    status VARCHAR(63) NOT NULL,
    is_confidential BOOLEAN NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    names JSONB NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    valid_from VARCHAR(30),
    valid_until VARCHAR(30),
    certain DATERANGE NOT NULL,
    possible DATERANGE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service PRIMARY KEY (code),
    CONSTRAINT uq_service_code_is_confidential UNIQUE (code, is_confidential),
    CONSTRAINT ck_service_synthetic_from_2026
        CHECK (not is_synthetic or coalesce(lower(possible) >= date '2026-01-01', false)),
    CONSTRAINT fk_service_institution FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT ck_service_servicetype CHECK (type IN (
        'emergency_accommodation', 'long_term_accommodation', 'interim_security_facility',
        'medical_emergency', 'medical_routine', 'sexual_reproductive_health', 'mental_health',
        'psychosocial_support', 'legal_information', 'legal_representation', 'victim_advocacy',
        'police_protection', 'witness_protection', 'interpretation', 'documents_and_registration',
        'residence_permit', 'asylum', 'guardianship', 'family_mediation',
        'family_tracing_reunification', 'voluntary_return', 'child_protection', 'education',
        'vocational_training', 'employment', 'livelihood_grant', 'social_assistance',
        'cash_assistance', 'food', 'clothing_hygiene', 'transport', 'childcare',
        'disability_support', 'substance_use', 'compensation_claim', 'victim_property_recovery',
        'risk_assessment', 'safety_planning', 'reintegration_follow_up', 'other'
    )),
    CONSTRAINT ck_service_audience
        CHECK (audience IN ('public', 'registered_institution', 'nrm_member')),
    CONSTRAINT ck_service_servicestatus
        CHECK (status IN ('active', 'inactive', 'defunct', 'temporarily_closed')),
    CONSTRAINT fk_service_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_service_audience_code ON service (audience, code);

CREATE INDEX ix_service_institution ON service (institution);

CREATE TABLE service_license (
    id UUID DEFAULT uuidv7() NOT NULL,
    service VARCHAR(100) NOT NULL,
    number VARCHAR(100) NOT NULL,
    issuer VARCHAR(100) NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_license PRIMARY KEY (id),
    CONSTRAINT ck_service_license_period_order
        CHECK (valid_until is null or valid_from < valid_until),
    CONSTRAINT uq_service_license_service_number UNIQUE (service, number),
    CONSTRAINT ex_service_license_once
        EXCLUDE USING gist (service WITH =, daterange(valid_from, valid_until) WITH &&),
    CONSTRAINT fk_service_license_service FOREIGN KEY(service) REFERENCES service (code),
    CONSTRAINT fk_service_license_issuer FOREIGN KEY(issuer) REFERENCES institution (code),
    CONSTRAINT fk_service_license_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE service_language (
    service VARCHAR(100) NOT NULL,
    language VARCHAR(10) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_language PRIMARY KEY (service, language),
    CONSTRAINT fk_service_language_service FOREIGN KEY(service) REFERENCES service (code),
    CONSTRAINT fk_service_language_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE service_eligibility (
    service VARCHAR(100) NOT NULL,
    code VARCHAR(63) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_eligibility PRIMARY KEY (service, code),
    CONSTRAINT fk_service_eligibility_service FOREIGN KEY(service) REFERENCES service (code),
    CONSTRAINT ck_service_eligibility_eligibility CHECK (code IN (
        'child', 'adult', 'female', 'male', 'with_children', 'unaccompanied_child', 'disability',
        'risk_low', 'risk_medium', 'risk_high'
    )),
    CONSTRAINT fk_service_eligibility_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE service_area (
    id UUID DEFAULT uuidv7() NOT NULL,
    service VARCHAR(100) NOT NULL,
    is_confidential BOOLEAN NOT NULL,
    region VARCHAR(100),
    municipality VARCHAR(100),
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_area PRIMARY KEY (id),
    CONSTRAINT fk_service_area_service_is_confidential
        FOREIGN KEY(service, is_confidential) REFERENCES service (code, is_confidential)
        ON UPDATE CASCADE,
    CONSTRAINT uq_service_area_service_region_municipality
        UNIQUE NULLS NOT DISTINCT (service, region, municipality),
    CONSTRAINT ck_service_area_one_place CHECK (num_nonnulls(region, municipality) <= 1),
    CONSTRAINT ck_service_area_no_town_of_a_shelter
        CHECK (not is_confidential or municipality is null),
    CONSTRAINT fk_service_area_region FOREIGN KEY(region) REFERENCES region (code),
    CONSTRAINT fk_service_area_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_service_area_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_service_area_region ON service_area (region);

CREATE INDEX ix_service_area_municipality ON service_area (municipality);
"""

_DOWNGRADE = """
DROP TABLE service_area;
DROP TABLE service_eligibility;
DROP TABLE service_language;
DROP TABLE service_license;
DROP TABLE service;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
