-- The audit trail. Run by the administrator before the first migration; repeatable.
-- It belongs to tilmfg_audit, of whom nobody is a member: not even the owner of the records can rewrite it.
CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION tilmfg_audit;
SET ROLE tilmfg_audit;
GRANT USAGE ON SCHEMA audit TO tilmfg_owner, tilmfg_app, tilmfg_verify, tilmfg_backup;

-- A row to lock, never changed: writers of one chain take turns.
CREATE TABLE IF NOT EXISTS audit.chain (chain text PRIMARY KEY);

-- `content` is the exact text that was hashed; the other columns repeat parts of it to be searched by.
CREATE TABLE IF NOT EXISTS audit.event (
  chain    text        NOT NULL REFERENCES audit.chain,
  seq      bigint      NOT NULL CHECK (seq > 0),
  at       timestamptz NOT NULL,
  actor    text        NOT NULL CHECK (actor <> ''),
  verb     text        NOT NULL CHECK (verb <> ''),
  reason   text        NOT NULL,
  request  text        NOT NULL,
  op       text        NOT NULL CHECK (op IN ('INSERT', 'UPDATE', 'DELETE')),
  relation text        NOT NULL,
  key      text        NOT NULL,
  content  text        NOT NULL,
  hash     bytea       NOT NULL,
  PRIMARY KEY (chain, seq)
);
CREATE INDEX IF NOT EXISTS event_of_row ON audit.event (relation, key, seq);  -- history of one record
CREATE INDEX IF NOT EXISTS event_by_time ON audit.event (at);                 -- search over everything, newest first
CREATE INDEX IF NOT EXISTS event_by_actor ON audit.event (actor, at);         -- what did this person do
GRANT SELECT ON audit.event, audit.chain TO tilmfg_owner, tilmfg_app, tilmfg_verify, tilmfg_backup;

-- A field by its SHA-256: of the bytes if it holds bytes, else of its text.
CREATE OR REPLACE FUNCTION audit.digested(fields jsonb, name text) RETURNS jsonb LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
  RETURN CASE WHEN fields ->> name IS NULL THEN fields ELSE jsonb_set(fields, ARRAY[name], to_jsonb('sha256:' || encode(sha256(
    CASE WHEN starts_with(fields ->> name, E'\\x') THEN (fields ->> name)::bytea ELSE convert_to(fields ->> name, 'UTF8') END), 'hex'))) END;

-- Row trigger of every regulated table.
--   TG_ARGV[0]  which chain: 'order:<column>' | 'column:<column that holds a chain's name>' | 'facility:<name>'
--   TG_ARGV[1]  columns that a verb moves by itself (state, version); changing any other needs a human reason
--   TG_ARGV[2]  columns recorded by their digest (raw files)
-- The SETs fix how values turn into JSON text, whatever the session has set.
CREATE OR REPLACE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET extra_float_digits = 1
  SET bytea_output = 'hex' SET intervalstyle = 'iso_8601' SET datestyle = 'ISO, YMD' AS $$
DECLARE
  e audit.event;
  old_row jsonb; new_row jsonb; present jsonb; previous bytea; name text; moved text[]; source text; field text;
BEGIN
  e.actor := coalesce(current_setting('audit.actor', true), '');  -- '' too after a transaction-local value has lapsed
  e.verb := coalesce(current_setting('audit.verb', true), '');
  e.reason := btrim(coalesce(current_setting('audit.reason', true), ''));
  e.request := coalesce(current_setting('audit.request', true), '');
  IF e.actor = '' OR e.verb = '' THEN
    RAISE EXCEPTION 'audit: % on % refused: no actor and verb in this transaction', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'GM001';
  END IF;
  IF TG_OP <> 'INSERT' THEN old_row := to_jsonb(OLD); END IF;
  IF TG_OP <> 'DELETE' THEN new_row := to_jsonb(NEW); END IF;
  present := coalesce(new_row, old_row);

  IF e.reason = '' AND TG_OP = 'UPDATE' THEN
    moved := string_to_array(coalesce(TG_ARGV[1], ''), ',');
    SELECT string_agg(n.key, ', ') INTO name FROM jsonb_each(new_row) n
      WHERE n.value IS DISTINCT FROM old_row -> n.key AND n.key <> ALL (moved);
    IF name IS NOT NULL THEN
      RAISE EXCEPTION 'audit: UPDATE on % refused: changing % needs a reason', TG_TABLE_NAME, name USING ERRCODE = 'GM002';
    END IF;
  ELSIF e.reason = '' AND TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'audit: DELETE on % refused: it needs a reason', TG_TABLE_NAME USING ERRCODE = 'GM002';
  END IF;

  FOREACH name IN ARRAY string_to_array(coalesce(TG_ARGV[2], ''), ',') LOOP
    old_row := audit.digested(old_row, name);
    new_row := audit.digested(new_row, name);
  END LOOP;

  source := split_part(TG_ARGV[0], ':', 1); field := substr(TG_ARGV[0], length(source) + 2);
  e.chain := CASE source WHEN 'order' THEN 'order:' || (present ->> field)
                         WHEN 'column' THEN present ->> field
                         ELSE TG_ARGV[0] END;
  IF e.chain IS NULL THEN
    RAISE EXCEPTION 'audit: % on % refused: its % is empty', TG_OP, TG_TABLE_NAME, field USING ERRCODE = 'GM003';
  END IF;
  IF TG_OP = 'UPDATE' AND source <> 'facility' AND old_row ->> field IS DISTINCT FROM new_row ->> field THEN
    RAISE EXCEPTION 'audit: a row of % may not move to another chain', TG_TABLE_NAME USING ERRCODE = 'GM003';
  END IF;

  INSERT INTO audit.chain VALUES (e.chain) ON CONFLICT DO NOTHING;
  PERFORM FROM audit.chain WHERE chain = e.chain FOR UPDATE;
  SELECT seq, hash INTO e.seq, previous FROM audit.event WHERE chain = e.chain ORDER BY seq DESC LIMIT 1;
  e.seq := coalesce(e.seq, 0) + 1;
  e.at := clock_timestamp();
  e.op := TG_OP; e.relation := TG_TABLE_NAME; e.key := present ->> 'id';
  IF e.key IS NULL THEN
    RAISE EXCEPTION 'audit: % on % refused: regulated rows are keyed by id', TG_OP, TG_TABLE_NAME USING ERRCODE = 'GM003';
  END IF;
  e.content := jsonb_build_array(e.chain, e.seq, e.at, pg_current_xact_id()::text, session_user, e.actor, e.verb, e.reason,
                                 e.request, e.op, e.relation, e.key, old_row, new_row)::text;
  e.hash := sha256(coalesce(previous, ''::bytea) || convert_to(e.content, 'UTF8'));
  INSERT INTO audit.event SELECT e.*;
  RETURN NULL;
END $$;

-- EXECUTE is asked for when a trigger is created: with it the application could forge events from a table of its own.
REVOKE ALL ON FUNCTION audit.record(), audit.digested(jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.record() TO tilmfg_owner;
RESET ROLE;
