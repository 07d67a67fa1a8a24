"""The history of every record: who changed what, when, from what, to what."""

from komuna_shared.migrations import execute_script

revision = "r009"
down_revision = "r008"

_TABLES = """
CREATE TABLE record_change (
    id UUID DEFAULT uuidv7() NOT NULL,
    record_type VARCHAR(63) NOT NULL,
    record_id VARCHAR(200) NOT NULL,
    part VARCHAR(63) NOT NULL,
    op VARCHAR(63) NOT NULL,
    version INTEGER,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    account UUID,
    via VARCHAR(100),
    before JSONB,
    after JSONB,
    source VARCHAR(300),
    audience VARCHAR(63),
    xid BIGINT DEFAULT pg_current_xact_id()::text::bigint NOT NULL,
    CONSTRAINT pk_record_change PRIMARY KEY (id),
    CONSTRAINT ck_record_change_op CHECK (op IN ('insert', 'update', 'delete')),
    CONSTRAINT ck_record_change_told
        CHECK ((before is null) = (op = 'insert') and (after is null) = (op = 'delete')),
    CONSTRAINT fk_record_change_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_record_change_record_type_record_id_id
    ON record_change (record_type, record_id, id);

CREATE INDEX ix_record_change_xid ON record_change (xid);

CREATE TABLE import_change (
    import_id UUID NOT NULL,
    position INTEGER NOT NULL,
    record_type VARCHAR(63) NOT NULL,
    record_id VARCHAR(200) NOT NULL,
    part VARCHAR(63) NOT NULL,
    op VARCHAR(63) NOT NULL,
    before JSONB,
    after JSONB,
    CONSTRAINT pk_import_change PRIMARY KEY (import_id, position),
    CONSTRAINT ck_import_change_op CHECK (op IN ('insert', 'update', 'delete')),
    CONSTRAINT fk_import_change_import_id
        FOREIGN KEY(import_id) REFERENCES import_job (id) ON DELETE CASCADE
);
"""

# The trigger writes with the owner's rights: the service itself may only read what is here.
_WRITING = """
CREATE FUNCTION add_record_change(
    type TEXT, record TEXT, part TEXT, gone JSONB, made JSONB
) RETURNS void LANGUAGE plpgsql SET search_path = registry, extensions, pg_temp AS $$
DECLARE
    tiers CONSTANT TEXT[] := ARRAY['public', 'registered_institution', 'nrm_member'];
    latest CONSTANT JSONB := coalesce(made, gone);
    seen TEXT;
BEGIN
    IF type = 'service' AND part <> 'service' THEN
        SELECT service.audience INTO seen FROM service WHERE code = record;
    ELSE
        -- Whoever reads of a move between two audiences must belong to the narrower one.
        seen := tiers[greatest(
            array_position(tiers, gone ->> 'audience'), array_position(tiers, made ->> 'audience')
        )];
    END IF;
    INSERT INTO record_change
        (record_type, record_id, part, op, version, account, via, before, after, source, audience)
    VALUES (
        type, record, part,
        CASE WHEN gone IS NULL THEN 'insert' WHEN made IS NULL THEN 'delete' ELSE 'update' END,
        (latest ->> 'version')::integer,
        nullif(current_setting('komuna.account', true), '')::uuid,
        nullif(current_setting('komuna.via', true), ''),
        gone, made, latest ->> 'source', seen
    );
END;
$$;

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, extensions, pg_temp AS $$
DECLARE
    gone CONSTANT JSONB := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    made CONSTANT JSONB := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    type CONSTANT TEXT := TG_ARGV[0];
    key CONSTANT TEXT := TG_ARGV[1];
BEGIN
    IF gone IS NOT DISTINCT FROM made THEN
        RETURN NULL;
    END IF;
    IF gone ->> key <> made ->> key THEN
        -- It left one record for another; each of them is told its half.
        PERFORM add_record_change(type, gone ->> key, TG_TABLE_NAME, gone, NULL);
        PERFORM add_record_change(type, made ->> key, TG_TABLE_NAME, NULL, made);
    ELSE
        PERFORM add_record_change(
            type, coalesce(made, gone) ->> key, TG_TABLE_NAME, gone, made);
    END IF;
    RETURN NULL;
END;
$$;

-- Keep the history of a table's rows: under which type of record, and which column names the one.
CREATE FUNCTION keep_history(kept TEXT, type TEXT, key TEXT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %I'
        ' FOR EACH ROW EXECUTE FUNCTION note_change(%L, %L)',
        kept || '_history', kept, type, key
    );
END;
$$;

-- What a record was stays as it was written, for the owner of the table too.
CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'record_change is append-only' USING ERRCODE = 'insufficient_privilege';
END;
$$;

CREATE TRIGGER record_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON record_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change();

REVOKE INSERT, UPDATE, DELETE ON record_change FROM registry_app;
"""

_KEPT = """
SELECT keep_history('source', 'source', 'code');
SELECT keep_history('region', 'region', 'code');
SELECT keep_history('municipality', 'municipality', 'slug');
SELECT keep_history('municipality_name', 'municipality', 'municipality');
SELECT keep_history('municipality_code', 'municipality', 'municipality');
SELECT keep_history('municipality_alias', 'municipality', 'municipality');
SELECT keep_history('municipality_region', 'municipality', 'municipality');
SELECT keep_history('municipality_population', 'municipality', 'municipality');
SELECT keep_history('municipality_community', 'municipality', 'municipality');
SELECT keep_history('municipality_succession', 'municipality', 'successor');
SELECT keep_history('institution', 'institution', 'code');
SELECT keep_history('institution_name', 'institution', 'institution');
SELECT keep_history('institution_parent', 'institution', 'institution');
SELECT keep_history('institution_succession', 'institution', 'predecessor');
SELECT keep_history('membership', 'institution', 'body');
SELECT keep_history('mechanism_kind', 'mechanism_kind', 'code');
SELECT keep_history('mechanism_publication', 'mechanism_kind', 'kind');
SELECT keep_history('mechanism_statement', 'municipality', 'municipality');
SELECT keep_history('mechanism', 'mechanism', 'code');
SELECT keep_history('mechanism_municipality', 'mechanism', 'mechanism');
SELECT keep_history('mechanism_state', 'mechanism', 'mechanism');
SELECT keep_history('mechanism_meeting', 'mechanism', 'mechanism');
SELECT keep_history('mechanism_attendance', 'mechanism', 'mechanism');
SELECT keep_history('office_kind', 'office_kind', 'code');
SELECT keep_history('office', 'office', 'code');
SELECT keep_history('tenure', 'office', 'office');
SELECT keep_history('holder', 'holder', 'code');
SELECT keep_history('service', 'service', 'code');
SELECT keep_history('service_license', 'service', 'service');
SELECT keep_history('service_language', 'service', 'service');
SELECT keep_history('service_eligibility', 'service', 'service');
SELECT keep_history('service_area', 'service', 'service');
"""

_DOWNGRADE = """
DROP FUNCTION note_change() CASCADE;
DROP FUNCTION keep_history(TEXT, TEXT, TEXT);
DROP FUNCTION add_record_change(TEXT, TEXT, TEXT, JSONB, JSONB);
DROP TABLE import_change;
DROP TABLE record_change;
DROP FUNCTION refuse_history_change();
"""


def upgrade() -> None:
    execute_script(_TABLES)
    execute_script(_WRITING)
    execute_script(_KEPT)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
