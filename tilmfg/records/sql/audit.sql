-- The audit trail. Run by the administrator before the first migration; repeatable.
-- It belongs to tilmfg_audit, of whom nobody is a member: not even the owner of the records can rewrite it.
CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION tilmfg_audit;
SET ROLE tilmfg_audit;
GRANT USAGE ON SCHEMA audit TO tilmfg_owner, tilmfg_app, tilmfg_verify, tilmfg_backup;

-- Which chains there are, never changed. The head of a chain is its last event.
CREATE TABLE IF NOT EXISTS audit.chain (chain text PRIMARY KEY);

-- `content` is the exact text that was hashed; the other columns repeat parts of it to be searched by.
-- No foreign key to audit.chain and no CHECK: each would be read and prepared anew for every event. What they would say,
-- audit.record() says, and nobody else may write here; verification looks anyway.
CREATE TABLE IF NOT EXISTS audit.event (
  chain    text        NOT NULL,
  seq      bigint      NOT NULL,
  at       timestamptz NOT NULL,
  actor    text        NOT NULL,
  verb     text        NOT NULL,
  reason   text        NOT NULL,
  request  text        NOT NULL,
  op       text        NOT NULL,
  relation text        NOT NULL,
  key      text        NOT NULL,
  content  text        NOT NULL,
  hash     bytea       NOT NULL,
  PRIMARY KEY (chain, seq)
);
ALTER TABLE audit.event  -- of databases made before
  DROP CONSTRAINT IF EXISTS event_chain_fkey, DROP CONSTRAINT IF EXISTS event_seq_check,
  DROP CONSTRAINT IF EXISTS event_actor_check, DROP CONSTRAINT IF EXISTS event_verb_check,
  DROP CONSTRAINT IF EXISTS event_op_check;
CREATE INDEX IF NOT EXISTS event_of_row ON audit.event (relation, key, seq);  -- history of one record
CREATE INDEX IF NOT EXISTS event_by_time ON audit.event (at);                 -- search over everything, newest first
CREATE INDEX IF NOT EXISTS event_by_actor ON audit.event (actor, at);         -- what did this person do
CREATE INDEX IF NOT EXISTS event_by_verb ON audit.event (verb, at);           -- who did this
CREATE INDEX IF NOT EXISTS event_by_relation ON audit.event (relation, at);   -- what happened to records of this kind
CREATE INDEX IF NOT EXISTS event_by_reason ON audit.event                     -- why, by whole words; few events have one
  USING gin (to_tsvector('simple'::regconfig, COALESCE(reason, ''))) WHERE reason <> '';  -- COALESCE: as Django asks
GRANT SELECT ON audit.event, audit.chain TO tilmfg_owner, tilmfg_app, tilmfg_verify, tilmfg_backup;

-- A field by its SHA-256: of the bytes if it holds bytes, else of its text.
CREATE OR REPLACE FUNCTION audit.digested(fields jsonb, name text) RETURNS jsonb LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN fields ->> name IS NULL THEN fields ELSE jsonb_set(fields, ARRAY[name], to_jsonb('sha256:' || encode(sha256(
    CASE WHEN starts_with(fields ->> name, E'\\x') THEN (fields ->> name)::bytea ELSE convert_to(fields ->> name, 'UTF8') END), 'hex'))) END
$$;

-- When the row was recorded, by the column that stands for it in its table (RecordedAt, in Python). Nobody says it
-- but the database. Without settings of its own it becomes part of the expression that asks.
CREATE OR REPLACE FUNCTION audit.recorded(fields jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(fields ->> 'recorded_at', fields ->> 'placed_at', fields ->> 'printed_at', fields ->> 'opened_at',
    fields ->> 'evaluated_at', fields ->> 'issued_at', fields ->> 'stored_at', fields ->> 'computed_at',
    fields ->> 'granted_at', fields ->> 'locked_at', fields ->> 'linked_at', fields ->> 'published_at',
    fields ->> 'acknowledged_at', fields ->> 'added_at', fields ->> 'registered_at', fields ->> 'chosen_at',
    fields ->> 'began_at')
$$;

-- Row trigger of every regulated table.
--   TG_ARGV[0]  which chain: 'order:<column>' | 'column:<column that holds a chain's name>' | 'facility:<name>'
--   TG_ARGV[1]  columns that a verb moves by itself (state, version); changing any other needs a human reason
--   TG_ARGV[2]  columns recorded by their digest (raw files)
-- The SETs fix how values turn into JSON text, whatever the session has set. Most of the time goes into starting
-- expressions and statements, once per transaction each: hence few of them.
-- Writers of one chain take turns by an advisory lock, which writes nothing and is an expression where locking a row
-- is a statement. There are 1024 locks, however many chains one transaction writes to: the server's memory for locks
-- is limited. Only this function may take them (database.sql), so nobody can keep others from writing.
CREATE OR REPLACE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET extra_float_digits = 1
  SET bytea_output = 'hex' SET intervalstyle = 'iso_8601' AS $$
DECLARE
  v_actor  text := current_setting('audit.actor', true);  -- NULL, or '' after a transaction-local value has lapsed
  v_verb   text := current_setting('audit.verb', true);
  v_reason text := coalesce(btrim(current_setting('audit.reason', true)), '');
  v_chain  text;
  v_old    jsonb;
  v_new    jsonb;
  present  jsonb;
  v_request text := coalesce(current_setting('audit.request', true), '');
  v_at     timestamptz;
  v_content text;
  is_misdated boolean;
  previous record;
  turn     text;
  name     text;
BEGIN
  IF (v_actor <> '' AND v_verb <> '') IS NOT TRUE THEN
    RAISE EXCEPTION 'audit: % on % refused: no actor and verb in this transaction', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'GM001';
  ELSIF TG_OP = 'UPDATE' THEN
    v_old := to_jsonb(OLD); v_new := to_jsonb(NEW); present := v_new;
  ELSIF TG_OP = 'INSERT' THEN
    v_new := to_jsonb(NEW); present := v_new;
    -- Asked here alone: each mention of audit.recorded() has to be prepared once per transaction.
    is_misdated := audit.recorded(v_new)::timestamptz NOT BETWEEN transaction_timestamp() AND clock_timestamp();
  ELSE
    v_old := to_jsonb(OLD); present := v_old;
  END IF;

  IF TG_OP <> 'INSERT' AND v_reason !~ '(\w\W*){4}' THEN  -- four letters are the least that says anything
    IF TG_OP = 'DELETE' THEN
      RAISE EXCEPTION 'audit: DELETE on % refused: it needs a reason', TG_TABLE_NAME USING ERRCODE = 'GM002';
    ELSIF v_new - string_to_array(TG_ARGV[1], ',') <> v_old - string_to_array(TG_ARGV[1], ',') THEN
      SELECT string_agg(n.key, ', ') INTO name FROM jsonb_each(v_new - string_to_array(TG_ARGV[1], ',')) n
        WHERE n.value <> v_old -> n.key;
      RAISE EXCEPTION 'audit: UPDATE on % refused: changing % needs a reason', TG_TABLE_NAME, name
        USING ERRCODE = 'GM002';
    END IF;
  ELSIF TG_OP = 'UPDATE' AND audit.recorded(v_old) IS DISTINCT FROM audit.recorded(v_new) THEN
    RAISE EXCEPTION 'audit: UPDATE on % refused: when a row was recorded is not corrected', TG_TABLE_NAME
      USING ERRCODE = 'GM004';
  END IF;

  v_chain := CASE split_part(TG_ARGV[0], ':', 1)
    WHEN 'order' THEN 'order:' || (present ->> substr(TG_ARGV[0], 7))
    WHEN 'column' THEN present ->> substr(TG_ARGV[0], 8)
    ELSE TG_ARGV[0] END;
  IF (v_chain <> '' AND present ->> 'id' <> '' AND TG_TABLE_SCHEMA = 'public') IS NOT TRUE THEN
    RAISE EXCEPTION 'audit: % on % refused: a regulated row lies in public, is keyed by id and belongs to a chain',
      TG_OP, TG_TABLE_NAME USING ERRCODE = 'GM003';
  ELSIF is_misdated OR transaction_timestamp() < clock_timestamp() - interval '15 minutes' AND session_user = 'tilmfg_app' THEN
    RAISE EXCEPTION 'audit: % on % refused: recorded at % in a transaction of %, and now it is %', TG_OP, TG_TABLE_NAME,
      audit.recorded(present), transaction_timestamp(), clock_timestamp() USING ERRCODE = 'GM004';
  ELSIF TG_OP = 'UPDATE' AND (v_old -> 'id', v_old -> substr(TG_ARGV[0], strpos(TG_ARGV[0], ':') + 1))
      IS DISTINCT FROM (v_new -> 'id', v_new -> substr(TG_ARGV[0], strpos(TG_ARGV[0], ':') + 1)) THEN
    RAISE EXCEPTION 'audit: a row of % may not move to another chain or key', TG_TABLE_NAME USING ERRCODE = 'GM003';
  END IF;

  IF TG_ARGV[2] <> '' THEN
    FOREACH name IN ARRAY string_to_array(TG_ARGV[2], ',') LOOP
      v_old := audit.digested(v_old, name);
      v_new := audit.digested(v_new, name);
    END LOOP;
  END IF;

  turn := pg_advisory_xact_lock(1, hashtext(v_chain) & 1023)::text;
  -- A statement of its own: it must see what was committed while this one waited for its turn.
  SELECT e.seq, e.hash, e.at INTO previous FROM audit.event e WHERE e.chain = v_chain ORDER BY e.seq DESC LIMIT 1;
  v_at := clock_timestamp();
  IF previous.seq IS NULL THEN
    INSERT INTO audit.chain VALUES (v_chain) ON CONFLICT DO NOTHING;
  ELSIF v_at < previous.at THEN
    RAISE EXCEPTION 'audit: % on % refused: the database clock (%) is behind the last event of % (%)',
      TG_OP, TG_TABLE_NAME, v_at, v_chain, previous.at USING ERRCODE = 'GM004';
  END IF;

  v_content := json_build_array(v_chain, coalesce(previous.seq, 0) + 1, v_at, pg_current_xact_id()::text, session_user,
    v_actor, v_verb, v_reason, v_request, TG_OP, TG_TABLE_NAME, present ->> 'id', v_old, v_new);
  INSERT INTO audit.event VALUES (v_chain, coalesce(previous.seq, 0) + 1, v_at, v_actor, v_verb, v_reason, v_request,
    TG_OP, TG_TABLE_NAME, present ->> 'id', v_content,
    sha256(coalesce(previous.hash, '') || convert_to(v_content, 'UTF8')));
  RETURN NULL;
END $$;

-- For a transaction that is about to write to several chains: all turns before its first write, in one order for all, so
-- that no two such transactions wait for each other. Whoever may write could take each of them by writing.
CREATE OR REPLACE FUNCTION audit.take_turns(chains text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  turn integer;
BEGIN
  FOR turn IN SELECT DISTINCT hashtext(chain) & 1023 AS number FROM unnest(chains) AS chain ORDER BY number LOOP
    PERFORM pg_advisory_xact_lock(1, turn);
  END LOOP;
END $$;

-- EXECUTE is asked for when a trigger is created: with it the application could forge events from a table of its own.
REVOKE ALL ON FUNCTION audit.record(), audit.digested(jsonb, text), audit.recorded(jsonb), audit.take_turns(text[])
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.record() TO tilmfg_owner;
GRANT EXECUTE ON FUNCTION audit.take_turns(text[]) TO tilmfg_owner, tilmfg_app;
RESET ROLE;
