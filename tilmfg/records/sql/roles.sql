-- The roles of a cluster. Run by the administrator; repeatable.
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['tilmfg_owner', 'tilmfg_app', 'tilmfg_audit', 'tilmfg_verify', 'tilmfg_backup'] LOOP
    IF to_regrole(role) IS NULL THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    END IF;
  END LOOP;
END $$;

ALTER ROLE tilmfg_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;  -- migrations, nothing else
ALTER ROLE tilmfg_app   LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;  -- web, workers, tests
-- Two transactions that take the same chains in another order: one is broken off and tried again, so find them soon.
ALTER ROLE tilmfg_app SET deadlock_timeout = '200ms';
ALTER ROLE tilmfg_audit NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;  -- owns schema audit; nobody is a member

-- These two read everything and write nothing. They cannot log in until they are given a password.
ALTER ROLE tilmfg_verify NOSUPERUSER NOCREATEDB NOCREATEROLE;
ALTER ROLE tilmfg_backup NOSUPERUSER NOCREATEDB NOCREATEROLE;
GRANT pg_read_all_data TO tilmfg_verify, tilmfg_backup;
ALTER ROLE tilmfg_verify SET default_transaction_read_only = on;
ALTER ROLE tilmfg_backup SET default_transaction_read_only = on;

-- A migration may rewrite audited rows (AlterField, RunPython): they are recorded under this name.
ALTER ROLE tilmfg_owner SET audit.actor = 'migration';
ALTER ROLE tilmfg_owner SET audit.verb = 'schema change';
ALTER ROLE tilmfg_owner SET audit.reason = 'schema change';
