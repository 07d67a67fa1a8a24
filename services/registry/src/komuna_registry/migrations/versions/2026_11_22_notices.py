"""Notices, and the letters that they become."""

from komuna_shared.migrations import execute_script

revision = "r006"
down_revision = "r005"

_UPGRADE = """
CREATE TABLE notice (
    id UUID DEFAULT uuidv7() NOT NULL,
    template VARCHAR(63) NOT NULL,
    role VARCHAR(63) NOT NULL,
    municipality VARCHAR(100),
    institution VARCHAR(100),
    params JSONB NOT NULL,
    sender VARCHAR(300) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_notice PRIMARY KEY (id),
    CONSTRAINT ck_notice_one_place CHECK (num_nonnulls(municipality, institution) = 1),
    CONSTRAINT ck_notice_template
        CHECK (template IN (
            'report_due', 'report_overdue', 'submission_returned', 'referral_waiting'
        )),
    CONSTRAINT ck_notice_role CHECK (role IN (
        'frontend', 'municipal_officer', 'municipal_admin', 'analyst', 'coordinator',
        'institution_admin', 'institution_reporter', 'auditor', 'dpo', 'ops', 'first_responder',
        'investigator', 'advocate', 'social_worker', 'case_owner', 'supervisor', 'shelter_intake',
        'provider', 'prosecutor_liaison'
    )),
    CONSTRAINT fk_notice_municipality FOREIGN KEY(municipality) REFERENCES municipality (slug),
    CONSTRAINT fk_notice_institution FOREIGN KEY(institution) REFERENCES institution (code)
);

CREATE INDEX ix_notice_created_at_id ON notice (created_at, id);

CREATE TABLE delivery (
    id UUID DEFAULT uuidv7() NOT NULL,
    notice UUID NOT NULL,
    account UUID NOT NULL,
    state VARCHAR(63) DEFAULT 'queued' NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    channel VARCHAR(63),
    code VARCHAR(50),
    next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_delivery PRIMARY KEY (id),
    CONSTRAINT uq_delivery_notice_account UNIQUE (notice, account),
    CONSTRAINT ck_delivery_sent
        CHECK ((state = 'sent') = (sent_at is not null and channel is not null)),
    CONSTRAINT ck_delivery_deliverystate CHECK (state IN ('queued', 'sent', 'failed')),
    CONSTRAINT ck_delivery_channel CHECK (channel IN ('smtp', 'folder')),
    CONSTRAINT fk_delivery_notice FOREIGN KEY(notice) REFERENCES notice (id),
    CONSTRAINT fk_delivery_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_delivery_account ON delivery (account);

CREATE INDEX ix_delivery_next_at ON delivery (next_at) WHERE state = 'queued';
"""

_DOWNGRADE = """
DROP TABLE delivery;
DROP TABLE notice;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
