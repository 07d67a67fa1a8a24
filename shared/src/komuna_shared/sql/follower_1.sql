CREATE TABLE assignment_copy (
    id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    role TEXT NOT NULL,
    institution TEXT,
    municipality TEXT,
    valid_from DATE NOT NULL,
    valid_until DATE,
    version BIGINT NOT NULL,
    CONSTRAINT pk_assignment_copy PRIMARY KEY (id)
);

CREATE INDEX ix_assignment_copy_issuer_subject ON assignment_copy (issuer, subject);

CREATE TABLE follower_cursor (
    feed TEXT NOT NULL,
    cursor TEXT,
    read_to_end_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_follower_cursor PRIMARY KEY (feed)
);
