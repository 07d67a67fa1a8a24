"""Notices with a deadline: to many, by letter, acknowledged, fulfilled."""

from komuna_shared.migrations import execute_script

revision = "r015"
down_revision = "r014"

_UPGRADE = """
ALTER TABLE notice DROP CONSTRAINT ck_notice_template;

ALTER TABLE notice ADD CONSTRAINT ck_notice_template CHECK (template IN (
    'report_due', 'report_overdue', 'submission_returned', 'referral_waiting',
    'officer_asked', 'mechanism_asked', 'contacts_asked', 'letter_waiting', 'request_overdue'
));

CREATE TABLE municipal_notice (
    id UUID DEFAULT uuidv7() NOT NULL,
    subject_kind VARCHAR(63) NOT NULL,
    mechanism_kind VARCHAR(100),
    office_kind VARCHAR(100),
    recipients JSONB NOT NULL,
    subjects JSONB,
    texts JSONB,
    due_on DATE NOT NULL,
    institution VARCHAR(100),
    account UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_municipal_notice PRIMARY KEY (id),
    CONSTRAINT ck_municipal_notice_asks CHECK (
        case subject_kind
            when 'establish_mechanism' then mechanism_kind is not null and office_kind is null
            when 'appoint_officer' then office_kind is not null and mechanism_kind is null
            when 'send_contacts' then mechanism_kind is null
            else num_nonnulls(mechanism_kind, office_kind) = 0
        end
    ),
    CONSTRAINT ck_municipal_notice_says
        CHECK (subject_kind <> 'other' or num_nulls(subjects, texts) = 0),
    CONSTRAINT ck_municipal_notice_subjectkind CHECK (subject_kind IN (
        'appoint_officer', 'establish_mechanism', 'send_contacts', 'other'
    )),
    CONSTRAINT fk_municipal_notice_mechanism_kind
        FOREIGN KEY(mechanism_kind) REFERENCES mechanism_kind (code),
    CONSTRAINT fk_municipal_notice_office_kind
        FOREIGN KEY(office_kind) REFERENCES office_kind (code),
    CONSTRAINT fk_municipal_notice_institution
        FOREIGN KEY(institution) REFERENCES institution (code),
    CONSTRAINT fk_municipal_notice_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_municipal_notice_created_at_id ON municipal_notice (created_at, id);

CREATE TABLE municipal_notice_recipient (
    notice UUID NOT NULL,
    municipality VARCHAR(100) NOT NULL,
    language VARCHAR(10) NOT NULL,
    mail UUID NOT NULL,
    reminder UUID,
    acknowledged_at TIMESTAMP WITH TIME ZONE,
    acknowledged_by UUID,
    answered_at TIMESTAMP WITH TIME ZONE,
    answered_by UUID,
    answer VARCHAR(2000),
    fulfilled_at TIMESTAMP WITH TIME ZONE,
    fulfilled_by VARCHAR(63),
    evidence_type VARCHAR(63),
    evidence VARCHAR(100),
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_municipal_notice_recipient PRIMARY KEY (notice, municipality),
    CONSTRAINT uq_municipal_notice_recipient_mail UNIQUE (mail),
    CONSTRAINT uq_municipal_notice_recipient_reminder UNIQUE (reminder),
    CONSTRAINT ck_municipal_notice_recipient_acknowledged
        CHECK (num_nulls(acknowledged_at, acknowledged_by) in (0, 2)),
    CONSTRAINT ck_municipal_notice_recipient_answered
        CHECK (num_nulls(answered_at, answered_by, answer) in (0, 3)),
    CONSTRAINT ck_municipal_notice_recipient_fulfilled
        CHECK (num_nulls(fulfilled_at, fulfilled_by) in (0, 2)),
    CONSTRAINT ck_municipal_notice_recipient_proved CHECK (
        num_nulls(evidence_type, evidence) in (0, 2)
        and (evidence is null or fulfilled_at is not null)
        and (fulfilled_by is distinct from 'rule' or evidence is not null)
        and (fulfilled_by is distinct from 'answer' or answer is not null)
    ),
    CONSTRAINT ck_municipal_notice_recipient_fulfilledby
        CHECK (fulfilled_by IN ('answer', 'rule')),
    CONSTRAINT ck_municipal_notice_recipient_evidencetype
        CHECK (evidence_type IN ('mechanism', 'tenure', 'contact')),
    CONSTRAINT fk_municipal_notice_recipient_notice
        FOREIGN KEY(notice) REFERENCES municipal_notice (id),
    CONSTRAINT fk_municipal_notice_recipient_municipality
        FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_municipal_notice_recipient_mail FOREIGN KEY(mail) REFERENCES notice (id),
    CONSTRAINT fk_municipal_notice_recipient_reminder
        FOREIGN KEY(reminder) REFERENCES notice (id),
    CONSTRAINT fk_municipal_notice_recipient_acknowledged_by
        FOREIGN KEY(acknowledged_by) REFERENCES account (id),
    CONSTRAINT fk_municipal_notice_recipient_answered_by
        FOREIGN KEY(answered_by) REFERENCES account (id)
);

CREATE INDEX ix_municipal_notice_recipient_municipality
    ON municipal_notice_recipient (municipality);

SELECT keep_history('municipal_notice', 'municipal_notice', 'id');
SELECT keep_history('municipal_notice_recipient', 'municipal_notice', 'notice');

ALTER TABLE assignment ADD COLUMN delegated_from UUID;

ALTER TABLE assignment ADD CONSTRAINT fk_assignment_delegated_from
    FOREIGN KEY(delegated_from) REFERENCES assignment (id);

ALTER TABLE assignment ADD CONSTRAINT ck_assignment_lent_for_a_time
    CHECK (delegated_from is null or valid_until is not null);

CREATE INDEX ix_assignment_delegated_from ON assignment (delegated_from);

-- What is lent is never more than what the lender holds, whoever writes it and from where.
CREATE FUNCTION check_delegation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own assignment%ROWTYPE;
BEGIN
    -- Whoever takes the own one away at this moment is waited for, and waits.
    SELECT * INTO own FROM assignment WHERE id = NEW.delegated_from FOR SHARE;
    IF own.delegated_from IS NOT NULL
        OR own.revoked_at IS NOT NULL
        OR own.account = NEW.account
        OR (own.role, own.institution, own.municipality)
            IS DISTINCT FROM (NEW.role, NEW.institution, NEW.municipality)
        OR NEW.valid_from < own.valid_from
        OR NEW.valid_until > own.valid_until
    THEN
        RAISE EXCEPTION 'a delegation exceeds its own assignment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_assignment_within_its_own';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER check_delegation BEFORE INSERT OR UPDATE ON assignment FOR EACH ROW
    WHEN (NEW.delegated_from IS NOT NULL AND NEW.revoked_at IS NULL)
    EXECUTE FUNCTION check_delegation();

-- What is lent ends in the transaction in which the own one ends, and shrinks with it.
CREATE FUNCTION follow_own_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE assignment
    SET revoked_at = coalesce(NEW.revoked_at, now()), revoked_by = NEW.revoked_by,
        version = version + 1
    WHERE delegated_from = NEW.id AND revoked_at IS NULL AND (
        NEW.revoked_at IS NOT NULL
        OR account = NEW.account
        OR (role, institution, municipality)
            IS DISTINCT FROM (NEW.role, NEW.institution, NEW.municipality)
        OR greatest(valid_from, NEW.valid_from) >= least(valid_until, NEW.valid_until)
    );
    UPDATE assignment
    SET valid_from = greatest(valid_from, NEW.valid_from),
        valid_until = least(valid_until, NEW.valid_until), version = version + 1
    WHERE delegated_from = NEW.id AND revoked_at IS NULL
        AND (valid_from < NEW.valid_from OR valid_until > NEW.valid_until);
    RETURN NULL;
END $$;

CREATE TRIGGER follow_own_assignment AFTER UPDATE ON assignment FOR EACH ROW
    WHEN (NEW.delegated_from IS NULL)
    EXECUTE FUNCTION follow_own_assignment();
"""

_DOWNGRADE = """
DROP TRIGGER follow_own_assignment ON assignment;
DROP TRIGGER check_delegation ON assignment;
DROP FUNCTION follow_own_assignment;
DROP FUNCTION check_delegation;
ALTER TABLE assignment DROP COLUMN delegated_from;
DROP TABLE municipal_notice_recipient;
DROP TABLE municipal_notice;
DELETE FROM delivery USING notice WHERE notice.id = delivery.notice AND notice.template IN (
    'officer_asked', 'mechanism_asked', 'contacts_asked', 'letter_waiting', 'request_overdue'
);
DELETE FROM notice WHERE template IN (
    'officer_asked', 'mechanism_asked', 'contacts_asked', 'letter_waiting', 'request_overdue'
);
ALTER TABLE notice DROP CONSTRAINT ck_notice_template;
ALTER TABLE notice ADD CONSTRAINT ck_notice_template CHECK (template IN (
    'report_due', 'report_overdue', 'submission_returned', 'referral_waiting'
));
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
