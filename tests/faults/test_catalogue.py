"""Whatever of the database's own guards was changed, removed or added is named. AUD-4"""

import pytest

pytestmark = pytest.mark.xdist_group("tampering")

CHANGES = {
    "ALTER TABLE facility_site DISABLE TRIGGER USER": "does not fire always",
    "ALTER TABLE facility_site ENABLE TRIGGER USER": "does not fire always",
    "ALTER TABLE facility_site DISABLE TRIGGER ALL": "a foreign key is not enforced",
    "ALTER TABLE records_effect DISABLE TRIGGER USER": "does not fire always",
    "ALTER TABLE records_signature RENAME TO elsewhere": "the table does not exist",
    "DO $$ BEGIN EXECUTE (SELECT format('DROP TRIGGER %I ON facility_site', tgname) FROM pg_trigger "
    "WHERE tgrelid = 'facility_site'::regclass AND NOT tgisinternal); END $$": "is missing",
    "CREATE TRIGGER more BEFORE INSERT ON facility_site FOR EACH ROW EXECUTE FUNCTION "
    "suppress_redundant_updates_trigger()": "nobody declared the trigger more",
    "CREATE TRIGGER hush BEFORE INSERT ON audit.event FOR EACH ROW EXECUTE FUNCTION "
    "suppress_redundant_updates_trigger()": "nobody declared the trigger hush",
    "CREATE OR REPLACE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
    "'BEGIN RETURN NULL; END'": "body is not the repository's",
    "ALTER FUNCTION audit.record() SET search_path = public": "owner, rights or settings are not",
    "ALTER FUNCTION audit.record() SECURITY INVOKER": "owner, rights or settings are not",
    "CREATE FUNCTION audit.forge() RETURNS int LANGUAGE sql AS 'SELECT 1'": "nobody declared this function",
    "CREATE FUNCTION public.elevate() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'": "nobody declared",
    "GRANT DELETE ON facility_site TO tilmfg_app": "tilmfg_app also has DELETE",
    "GRANT TRUNCATE ON facility_site TO PUBLIC": "PUBLIC also has TRUNCATE",
    "GRANT UPDATE (name) ON facility_site TO tilmfg_verify": "single columns have rights",
    "GRANT INSERT ON audit.event TO tilmfg_owner": "tilmfg_owner also has INSERT",
    "GRANT SELECT ON facility_site TO tilmfg_app WITH GRANT OPTION": "may hand on SELECT",
    "GRANT EXECUTE ON FUNCTION audit.record() TO tilmfg_app": "tilmfg_app also has EXECUTE",
    "GRANT EXECUTE ON FUNCTION audit.take_turns(text[]) TO tilmfg_verify": "tilmfg_verify also has EXECUTE",
    "GRANT CREATE ON SCHEMA public TO tilmfg_app": "may create objects",
    "REVOKE UPDATE ON facility_site FROM tilmfg_app": "tilmfg_app lacks UPDATE",
    "ALTER TABLE facility_site OWNER TO tilmfg_app": "belongs to tilmfg_app",
    "ALTER TABLE audit.event OWNER TO tilmfg_owner": "belongs to tilmfg_owner",
    "ALTER TABLE facility_site ENABLE ROW LEVEL SECURITY": "row security",
    "CREATE RULE lost AS ON INSERT TO facility_site DO INSTEAD NOTHING": "a rule may divert",
    "CREATE TABLE more () INHERITS (facility_site)": "inherits",
    "GRANT tilmfg_audit TO tilmfg_owner": "tilmfg_owner is a member of tilmfg_audit",
    "GRANT tilmfg_owner TO tilmfg_app": "tilmfg_app is a member of tilmfg_owner",
    "ALTER ROLE tilmfg_app BYPASSRLS": "more than an ordinary role",
    "ALTER ROLE tilmfg_app SET audit.actor = 'nobody'": "audit.actor is preset for tilmfg_app",
    "ALTER ROLE tilmfg_app SET session_replication_role = 'replica'": "session_replication_role is preset",
    "ALTER TABLE records_signature DROP CONSTRAINT signatures_are_complete": "signatures_are_complete does not hold",
    "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE records_signature ALTER CONSTRAINT %I NOT ENFORCED', conname) "
    "FROM pg_constraint WHERE conrelid = 'records_signature'::regclass AND contype = 'f'); END $$": "does not hold",
    "ALTER TABLE records_signature DROP CONSTRAINT signatures_are_complete, ADD CONSTRAINT signatures_are_complete "
    "CHECK (true)": "signatures_are_complete says nothing of digest, printed_name, reason",
    "DROP INDEX one_grant_of_a_role_at_a_time; CREATE UNIQUE INDEX one_grant_of_a_role_at_a_time "
    "ON accounts_rolegrant (id)": "one_grant_of_a_role_at_a_time says nothing of role, user_id",
    "ALTER TABLE accounts_user DROP CONSTRAINT accounts_user_username_key": "sees to it that username is unique",
    "ALTER TABLE records_signature ALTER printed_name DROP NOT NULL": "sees to it that printed_name is never empty",
    "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE records_signature DROP CONSTRAINT %I', conname) "
    "FROM pg_constraint WHERE conrelid = 'records_signature'::regclass AND contype = 'f'); END $$": "sees to it that "
    "signer_id names a row of accounts_user",
}


@pytest.mark.parametrize("statement", CHANGES)
def test_a_changed_catalogue_is_named(after, statement):
    messages = [b.message for b in after(statement.replace("%", "%%")).breaks if b.check == "catalogue"]
    assert any(CHANGES[statement] in message for message in messages), messages
