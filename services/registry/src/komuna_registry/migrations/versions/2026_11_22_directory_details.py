"""The directory in full: places, times, channels, costs, accessibility."""

from komuna_shared.migrations import execute_script

revision = "r012"
down_revision = "r011"

_UPGRADE = r"""
ALTER TABLE service
    ADD COLUMN minimum_age INTEGER,
    ADD COLUMN maximum_age INTEGER,
    ADD COLUMN public_id UUID,
    ADD COLUMN modified_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_service_minimum_age CHECK (minimum_age between 0 and 120),
    ADD CONSTRAINT ck_service_maximum_age CHECK (maximum_age between 0 and 120),
    ADD CONSTRAINT ck_service_age_order CHECK (minimum_age <= maximum_age),
    ADD CONSTRAINT ck_service_nothing_tells_a_place
        CHECK (not is_confidential or (locator ~
            '^((service|licence|area|language|eligibility|schedule|cost|record)|(L|p|line |page |row )[0-9]{1,5}(-[0-9]{1,5})?)$'
            and names::text !~ '[0-9]'));

ALTER TABLE service_area
    ADD CONSTRAINT ck_service_area_nothing_tells_a_place
        CHECK (not is_confidential or locator ~
            '^((service|licence|area|language|eligibility|schedule|cost|record)|(L|p|line |page |row )[0-9]{1,5}(-[0-9]{1,5})?)$');

-- The name-based identifier of RFC 9562 (version 3), which anybody can compute from the code.
CREATE FUNCTION stamp_service() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    digest text := md5(
        decode('c8ec64b9d8aa575bb9fb554c10d47de6', 'hex')
        || convert_to('service:' || NEW.code, 'UTF8')
    );
    variant text := translate(substr(digest, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab');
BEGIN
    NEW.public_id := overlay(overlay(digest placing '3' from 13) placing variant from 17)::uuid;
    NEW.modified_at := now();
    RETURN NEW;
END
$$;

CREATE TRIGGER service_stamp BEFORE INSERT OR UPDATE ON service
    FOR EACH ROW EXECUTE FUNCTION stamp_service();

UPDATE service SET version = version;

ALTER TABLE service
    ALTER COLUMN public_id SET NOT NULL,
    ALTER COLUMN modified_at SET NOT NULL,
    ADD CONSTRAINT uq_service_public_id UNIQUE (public_id);

CREATE TABLE location (
    code VARCHAR(100) NOT NULL,
    type VARCHAR(63) NOT NULL,
    names JSONB NOT NULL,
    municipality VARCHAR(100),
    address VARCHAR(300),
    postal_code VARCHAR(20),
    latitude NUMERIC(8, 6),
    longitude NUMERIC(9, 6),
    url VARCHAR(500),
    is_synthetic BOOLEAN NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_location PRIMARY KEY (code),
    CONSTRAINT ck_location_virtual_is_nowhere
        CHECK (type <> 'virtual' or num_nonnulls(municipality, address, postal_code, latitude) = 0),
    CONSTRAINT ck_location_somewhere CHECK (type = 'virtual' or municipality is not null),
    CONSTRAINT ck_location_both_coordinates CHECK ((latitude is null) = (longitude is null)),
    CONSTRAINT ck_location_latitude CHECK (latitude between -90 and 90),
    CONSTRAINT ck_location_longitude CHECK (longitude between -180 and 180),
    CONSTRAINT ck_location_locationtype CHECK (type IN ('physical', 'postal', 'virtual')),
    CONSTRAINT fk_location_municipality FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_location_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_location_municipality ON location (municipality);

CREATE TABLE location_accessibility (
    location VARCHAR(100) NOT NULL,
    feature VARCHAR(63) NOT NULL,
    is_available BOOLEAN NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_location_accessibility PRIMARY KEY (location, feature),
    CONSTRAINT fk_location_accessibility_location
        FOREIGN KEY(location) REFERENCES location (code),
    CONSTRAINT ck_location_accessibility_accessfeature
        CHECK (feature IN (
            'step_free_entrance', 'lift', 'accessible_toilet', 'parking', 'induction_loop',
            'sign_language', 'tactile_guidance', 'child_friendly_room'
        )),
    CONSTRAINT fk_location_accessibility_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE service_at_location (
    id UUID DEFAULT uuidv7() NOT NULL,
    service VARCHAR(100) NOT NULL,
    location VARCHAR(100) NOT NULL,
    is_confidential BOOLEAN NOT NULL,
    valid_from DATE,
    valid_until DATE,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_at_location PRIMARY KEY (id),
    CONSTRAINT fk_service_at_location_service_is_confidential
        FOREIGN KEY(service, is_confidential) REFERENCES service (code, is_confidential)
        ON UPDATE CASCADE,
    CONSTRAINT uq_service_at_location_service_location UNIQUE (service, location),
    CONSTRAINT ck_service_at_location_no_place_of_a_shelter CHECK (not is_confidential),
    CONSTRAINT ck_service_at_location_period_order CHECK (valid_from < valid_until),
    CONSTRAINT fk_service_at_location_location FOREIGN KEY(location) REFERENCES location (code),
    CONSTRAINT fk_service_at_location_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE INDEX ix_service_at_location_location ON service_at_location (location);

CREATE TABLE service_schedule (
    id UUID DEFAULT uuidv7() NOT NULL,
    service VARCHAR(100) NOT NULL,
    location VARCHAR(100),
    is_confidential BOOLEAN NOT NULL,
    freq VARCHAR(63) NOT NULL,
    interval INTEGER NOT NULL,
    byday VARCHAR(60),
    bymonthday VARCHAR(100),
    opens_at TIME WITHOUT TIME ZONE,
    closes_at TIME WITHOUT TIME ZONE,
    valid_from DATE,
    valid_until DATE,
    attending VARCHAR(63) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_schedule PRIMARY KEY (id),
    CONSTRAINT fk_service_schedule_service_is_confidential
        FOREIGN KEY(service, is_confidential) REFERENCES service (code, is_confidential)
        ON UPDATE CASCADE,
    CONSTRAINT fk_service_schedule_service_location
        FOREIGN KEY(service, location) REFERENCES service_at_location (service, location),
    CONSTRAINT uq_service_schedule_once
        UNIQUE NULLS NOT DISTINCT (service, location, freq, byday, bymonthday, opens_at, attending),
    CONSTRAINT ck_service_schedule_byday
        CHECK (byday ~ '^-?[1-5]?(MO|TU|WE|TH|FR|SA|SU)(,-?[1-5]?(MO|TU|WE|TH|FR|SA|SU))*$'),
    CONSTRAINT ck_service_schedule_bymonthday
        CHECK (bymonthday ~ '^-?([1-9]|[12][0-9]|3[01])(,-?([1-9]|[12][0-9]|3[01]))*$'),
    CONSTRAINT ck_service_schedule_interval CHECK (interval >= 1),
    CONSTRAINT ck_service_schedule_both_hours CHECK ((opens_at is null) = (closes_at is null)),
    CONSTRAINT ck_service_schedule_period_order CHECK (valid_from < valid_until),
    CONSTRAINT ck_service_schedule_nothing_tells_a_place
        CHECK (not is_confidential or locator ~
            '^((service|licence|area|language|eligibility|schedule|cost|record)|(L|p|line |page |row )[0-9]{1,5}(-[0-9]{1,5})?)$'),
    CONSTRAINT ck_service_schedule_frequency CHECK (freq IN ('WEEKLY', 'MONTHLY')),
    CONSTRAINT ck_service_schedule_attending
        CHECK (attending IN ('in_person', 'by_telephone', 'online')),
    CONSTRAINT fk_service_schedule_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE service_channel (
    id UUID DEFAULT uuidv7() NOT NULL,
    service VARCHAR(100) NOT NULL,
    location VARCHAR(100),
    is_confidential BOOLEAN NOT NULL,
    kind VARCHAR(63) NOT NULL,
    value VARCHAR(300) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_channel PRIMARY KEY (id),
    CONSTRAINT fk_service_channel_service_is_confidential
        FOREIGN KEY(service, is_confidential) REFERENCES service (code, is_confidential)
        ON UPDATE CASCADE,
    CONSTRAINT fk_service_channel_service_location
        FOREIGN KEY(service, location) REFERENCES service_at_location (service, location),
    CONSTRAINT uq_service_channel_service_kind_value UNIQUE (service, kind, value),
    CONSTRAINT ck_service_channel_no_channel_of_a_shelter CHECK (not is_confidential),
    CONSTRAINT ck_service_channel_channelkind
        CHECK (kind IN ('telephone', 'text_message', 'email', 'website')),
    CONSTRAINT fk_service_channel_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE institution_channel (
    institution VARCHAR(100) NOT NULL,
    kind VARCHAR(63) NOT NULL,
    value VARCHAR(300) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_institution_channel PRIMARY KEY (institution, kind, value),
    CONSTRAINT fk_institution_channel_institution
        FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT ck_institution_channel_channelkind
        CHECK (kind IN ('telephone', 'text_message', 'email', 'website')),
    CONSTRAINT fk_institution_channel_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE service_cost (
    id UUID DEFAULT uuidv7() NOT NULL,
    service VARCHAR(100) NOT NULL,
    is_confidential BOOLEAN NOT NULL,
    option VARCHAR(63) NOT NULL,
    amount NUMERIC(10, 2),
    currency VARCHAR(3),
    valid_from DATE,
    valid_until DATE,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_cost PRIMARY KEY (id),
    CONSTRAINT fk_service_cost_service_is_confidential
        FOREIGN KEY(service, is_confidential) REFERENCES service (code, is_confidential)
        ON UPDATE CASCADE,
    CONSTRAINT uq_service_cost_service_option_valid_from
        UNIQUE NULLS NOT DISTINCT (service, option, valid_from),
    CONSTRAINT ck_service_cost_amount_if_fixed CHECK ((option = 'fixed') = (amount is not null)),
    CONSTRAINT ck_service_cost_amount_in_a_currency CHECK ((amount is null) = (currency is null)),
    CONSTRAINT ck_service_cost_amount CHECK (amount > 0),
    CONSTRAINT ck_service_cost_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_service_cost_period_order CHECK (valid_from < valid_until),
    CONSTRAINT ck_service_cost_nothing_tells_a_place
        CHECK (not is_confidential or locator ~
            '^((service|licence|area|language|eligibility|schedule|cost|record)|(L|p|line |page |row )[0-9]{1,5}(-[0-9]{1,5})?)$'),
    CONSTRAINT ck_service_cost_costoption
        CHECK (option IN ('free', 'fixed', 'by_income', 'insurance')),
    CONSTRAINT fk_service_cost_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE service_text (
    service VARCHAR(100) NOT NULL,
    kind VARCHAR(63) NOT NULL,
    language VARCHAR(10) NOT NULL,
    is_confidential BOOLEAN NOT NULL,
    text VARCHAR(2000) NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_text PRIMARY KEY (service, kind, language),
    CONSTRAINT fk_service_text_service_is_confidential
        FOREIGN KEY(service, is_confidential) REFERENCES service (code, is_confidential)
        ON UPDATE CASCADE,
    CONSTRAINT ck_service_text_no_words_of_a_shelter CHECK (not is_confidential),
    CONSTRAINT ck_service_text_textkind
        CHECK (kind IN (
            'description', 'application_process', 'eligibility', 'fees', 'interpretation',
            'alert'
        )),
    CONSTRAINT fk_service_text_source FOREIGN KEY(source) REFERENCES source (code)
);

CREATE TABLE service_capacity (
    service VARCHAR(100) NOT NULL,
    unit VARCHAR(63) NOT NULL,
    is_confidential BOOLEAN NOT NULL,
    amount INTEGER NOT NULL,
    stated_on DATE NOT NULL,
    locator VARCHAR(200) NOT NULL,
    source VARCHAR(100) NOT NULL,
    CONSTRAINT pk_service_capacity PRIMARY KEY (service, unit),
    CONSTRAINT fk_service_capacity_service_is_confidential
        FOREIGN KEY(service, is_confidential) REFERENCES service (code, is_confidential)
        ON UPDATE CASCADE,
    CONSTRAINT ck_service_capacity_no_capacity_of_a_shelter CHECK (not is_confidential),
    CONSTRAINT ck_service_capacity_amount CHECK (amount >= 0),
    CONSTRAINT ck_service_capacity_capacityunit
        CHECK (unit IN ('places', 'appointments_a_week', 'cases')),
    CONSTRAINT fk_service_capacity_source FOREIGN KEY(source) REFERENCES source (code)
);

SELECT keep_history('location', 'location', 'code');
SELECT keep_history('location_accessibility', 'location', 'location');
SELECT keep_history('service_at_location', 'service', 'service');
SELECT keep_history('service_schedule', 'service', 'service');
SELECT keep_history('service_channel', 'service', 'service');
SELECT keep_history('institution_channel', 'institution', 'institution');
SELECT keep_history('service_cost', 'service', 'service');
SELECT keep_history('service_text', 'service', 'service');
SELECT keep_history('service_capacity', 'service', 'service');
"""

_DOWNGRADE = """
DROP TABLE service_capacity;
DROP TABLE service_text;
DROP TABLE service_cost;
DROP TABLE institution_channel;
DROP TABLE service_channel;
DROP TABLE service_schedule;
DROP TABLE service_at_location;
DROP TABLE location_accessibility;
DROP TABLE location;

DROP TRIGGER service_stamp ON service;
DROP FUNCTION stamp_service();
ALTER TABLE service_area DROP CONSTRAINT ck_service_area_nothing_tells_a_place;
ALTER TABLE service
    DROP COLUMN public_id,
    DROP COLUMN modified_at,
    DROP CONSTRAINT ck_service_nothing_tells_a_place,
    DROP CONSTRAINT ck_service_age_order,
    DROP CONSTRAINT ck_service_minimum_age,
    DROP CONSTRAINT ck_service_maximum_age,
    DROP COLUMN minimum_age,
    DROP COLUMN maximum_age;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
