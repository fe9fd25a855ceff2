-- One database: who may do what by default. Run by the administrator before the first migration; repeatable.

-- Closed by default: DELETE is granted table by table in migrations, TRUNCATE never.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO tilmfg_owner;
GRANT USAGE ON SCHEMA public TO tilmfg_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tilmfg_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO tilmfg_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tilmfg_owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO tilmfg_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tilmfg_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
