-- One database: who may do what by default. Run by the administrator before the first migration; repeatable.

-- Closed by default: DELETE is granted table by table in migrations, TRUNCATE never.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO tilmfg_owner;
GRANT USAGE ON SCHEMA public TO tilmfg_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tilmfg_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO tilmfg_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tilmfg_owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO tilmfg_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tilmfg_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Locks of two numbers are the trail's: whoever could take them could keep everybody from writing.
DO $$
DECLARE
  lock regprocedure;
BEGIN
  FOR lock IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
      AND proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$' AND proargtypes = '23 23'::oidvector LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', lock);
  END LOOP;
  GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(int, int) TO tilmfg_audit;
END $$;
