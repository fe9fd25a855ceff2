"""AUD-4: tables, triggers, functions and rights in the database are what the repository declares.

Run after each migration, because whoever migrates could have switched a guard off, and with each verification.
"""

import re
from collections import defaultdict

from ..preparation import SQL
from .declared import Table, normal
from .report import Break, Findings

OWNER, APP, AUDIT, READERS = "tilmfg_owner", "tilmfg_app", "tilmfg_audit", ("tilmfg_verify", "tilmfg_backup")
ALL = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"}
READ = {role: {"SELECT"} for role in (OWNER, APP, *READERS)}
USE = {role: {"USAGE"} for role in (OWNER, APP, *READERS)}

RELATIONS = """
    SELECT n.nspname, c.relname, c.relkind::text, c.relpersistence::text, pg_get_userbyid(c.relowner),
           c.relrowsecurity OR c.relforcerowsecurity, c.relhasrules,
           EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)),
           EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND (n.nspname = 'audit' OR (n.nspname = 'public' AND c.relname = ANY (%s)))
"""
RIGHTS = """
    SELECT what, name, coalesce(r.rolname, 'PUBLIC'), privilege_type, is_grantable FROM (
      SELECT 'table' AS what, n.nspname || '.' || c.relname AS name,
             coalesce(c.relacl, acldefault('r', c.relowner)) AS acl
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND (n.nspname = 'audit' OR (n.nspname = 'public' AND c.relname = ANY (%s)))
      UNION ALL SELECT 'schema', nspname, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace
      WHERE nspname IN ('audit', 'public')
      UNION ALL SELECT 'function', n.nspname || '.' || p.proname, coalesce(p.proacl, acldefault('f', p.proowner))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'audit'
    ) AS had, aclexplode(acl) LEFT JOIN pg_roles r ON r.oid = grantee
"""
TRIGGERS = """
    SELECT c.oid::regclass::text, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text, t.tgisinternal
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'audit' OR (n.nspname = 'public' AND c.relname = ANY (%s))
"""
FUNCTIONS = """
    SELECT n.nspname || '.' || p.proname, p.prosrc, pg_get_userbyid(p.proowner), p.prosecdef,
           coalesce(p.proconfig, '{}')
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('audit', 'public')
"""
CONSTRAINTS = """
    SELECT c.relname, k.conname, k.convalidated AND k.conenforced, ARRAY(
      SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s)
    UNION ALL SELECT c.relname, i.relname, x.indisvalid AND x.indisready, ARRAY(
      SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (x.indkey))
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s) AND x.indisunique
"""
COLUMNS = """
    SELECT c.relname, a.attname, held.what FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0, LATERAL (
      SELECT 'is never empty' AS what WHERE a.attnotnull
      UNION ALL SELECT 'is unique' FROM pg_index x WHERE x.indrelid = c.oid AND x.indisunique AND x.indisvalid
        AND x.indpred IS NULL AND x.indnkeyatts = 1 AND x.indkey[0] = a.attnum
      UNION ALL SELECT 'names a row of ' || f.relname FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
        WHERE k.conrelid = c.oid AND k.conkey = ARRAY[a.attnum] AND k.contype = 'f' AND k.convalidated AND k.conenforced
        AND f.relnamespace = 'public'::regnamespace) AS held
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s)
"""
ROLES = """
    SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication FROM pg_roles
    WHERE rolname LIKE 'tilmfg\\_%%'
"""
MEMBERS = """
    SELECT m.rolname, g.rolname FROM pg_auth_members a
    JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
    WHERE NOT m.rolsuper AND (g.rolname LIKE 'tilmfg\\_%%' OR m.rolname LIKE 'tilmfg\\_%%')
"""
SETTINGS = """
    SELECT coalesce(r.rolname, 'everyone'), setting FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole,
    unnest(setconfig) AS setting
    WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
MEMBERSHIPS = {(reader, "pg_read_all_data") for reader in READERS}
# A role with an actor of its own would never be asked who acts.
DANGEROUS = ("audit.", "session_replication_role", "search_path", "row_security")
ALLOWED = {(OWNER, "audit.actor"), (OWNER, "audit.verb"), (OWNER, "audit.reason")}


def check_catalogue(reading, tables: list[Table]) -> Findings:
    found = Findings()
    names = [table.name for table in tables]
    for message, relation in (
        *relations(reading, names),
        *rights(reading, names),
        *triggers(reading, tables, names),
        *functions(reading, tables),
        *constraints(reading, tables, names),
        *columns(reading, tables, names),
        *roles(reading),
    ):
        found.add(Break("catalogue", message, relation=relation))
    found.examined["tables"] = len(tables)
    return found


def relations(reading, names):
    """Ordinary tables that nothing hides rows of, diverts writes from or adds rows to."""
    wanted = {("public", name): OWNER for name in names} | {
        ("audit", "event"): AUDIT,
        ("audit", "chain"): AUDIT,
    }
    for (
        schema,
        name,
        kind,
        persistence,
        owner,
        has_policies,
        has_rules,
        inherits,
        has_grants,
    ) in reading.execute(RELATIONS, (names,)):
        expected = wanted.pop((schema, name), None)
        if expected is None:
            yield "nobody declared it", f"{schema}.{name}"
            continue
        for is_wrong, message in (
            (owner != expected, f"it belongs to {owner} instead of {expected}"),
            ((kind, persistence) != ("r", "p"), "it is no ordinary, permanent table"),
            (has_policies, "row security may hide rows"),
            (has_rules, "a rule may divert what is written"),
            (inherits, "it inherits from or is inherited by another table"),
            (has_grants, "single columns have rights of their own"),
        ):
            if is_wrong:
                yield message, name
    for _, name in wanted:
        yield "the table does not exist", name


def rights(reading, names):
    """Exactly the declared ones: one more is a way around the trail, one less stops the work."""
    wanted = {
        ("table", f"public.{name}"): {OWNER: ALL, APP: {"SELECT", "INSERT", "UPDATE"}} for name in names
    }
    wanted |= {("table", f"audit.{name}"): {AUDIT: ALL, **READ} for name in ("event", "chain")}
    wanted |= {("schema", "audit"): {AUDIT: {"USAGE", "CREATE"}, **USE}}
    wanted |= {("function", "audit.record"): {AUDIT: {"EXECUTE"}, OWNER: {"EXECUTE"}}}
    wanted |= {("function", "audit.take_turns"): {role: {"EXECUTE"} for role in (AUDIT, OWNER, APP)}}
    wanted |= {("function", f"audit.{name}"): {AUDIT: {"EXECUTE"}} for name in ("digested", "recorded")}
    had: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for what, name, role, privilege, may_grant in reading.execute(RIGHTS, (names,)):
        had[what, name][role].add(privilege)
        if may_grant and (what, name) in wanted:
            yield f"{role} may hand on {privilege}", name
    if "CREATE" in had["schema", "public"][APP] | had["schema", "public"]["PUBLIC"]:
        yield f"{APP} may create objects", "public"
    for (what, name), expected in wanted.items():
        for role in sorted(expected.keys() | had[what, name].keys()):
            extra = had[what, name][role] - expected.get(role, set())
            lacking = expected.get(role, set()) - had[what, name][role]
            if extra:
                yield f"{role} also has {', '.join(sorted(extra))}", name
            if lacking:
                yield f"{role} lacks {', '.join(sorted(lacking))}", name


def triggers(reading, tables, names):
    """Each declared trigger with its declared words, firing ALWAYS, and none besides."""
    wanted = {(table.name, each.name): each.definition for table in tables for each in table.triggers}
    for name, trigger, definition, enabled, is_internal in reading.execute(TRIGGERS, (names,)):
        if is_internal:  # those of foreign keys
            if enabled != "O":
                yield "a foreign key is not enforced", name
            continue
        expected = wanted.pop((name, trigger), None)
        if expected is None:
            yield f"nobody declared the trigger {trigger}", name
        elif normal(definition) != expected:
            yield f"the trigger {trigger} is not the declared one", name
        elif enabled != "A":
            yield f"the trigger {trigger} does not fire always", name
    for name, trigger in wanted:
        yield f"the trigger {trigger} is missing", name


def functions(reading, tables):
    """The bodies are those of the repository, not merely functions of the same name."""
    wanted = dict(audit_functions())
    for table in tables:
        for each in table.triggers:
            if each.function is not None:
                settings = ["search_path=pg_catalog, public, pg_temp"]
                wanted[f"public.{each.name}"] = (each.function, OWNER, False, settings)
    for name, *written in reading.execute(FUNCTIONS):
        body, _, is_definer, _ = written
        expected = wanted.pop(name, None)
        if expected is None:
            if name.startswith("audit.") or is_definer:
                yield "nobody declared this function", name
        elif body.split() != expected[0].split():  # a migration may have laid the lines anew
            yield "the function's body is not the repository's", name
        elif tuple(written[1:3]) != expected[1:3] or sorted(written[3]) != sorted(expected[3]):
            yield "the function's owner, rights or settings are not the repository's", name
    for name in wanted:
        yield "the function is missing", name


def audit_functions():
    """As sql/audit.sql writes them: name, and (body, owner, whether SECURITY DEFINER, settings)."""
    text = (SQL / "audit.sql").read_text()
    for name, head, body in re.findall(
        r"CREATE OR REPLACE FUNCTION (audit\.\w+)(\(.*?) AS \$\$(.*?)\$\$;", text, re.DOTALL
    ):
        settings = [
            f"{CASED.get(setting, setting)}={value.strip().strip(chr(39))}"
            for setting, value in re.findall(r"SET (\w+) = (.+?)(?= SET |\n|$)", head)
        ]
        yield name, (body, AUDIT, "SECURITY DEFINER" in head, settings)


CASED = {"timezone": "TimeZone", "intervalstyle": "IntervalStyle"}  # as the server spells them


def constraints(reading, tables, names):
    """What must never happen is still refused."""
    holds = {
        (table, name): (is_enforced, frozenset(columns))
        for table, name, is_enforced, columns in reading.execute(CONSTRAINTS, (names, names))
    }
    for table in tables:
        for name, wanted in sorted(table.constraints.items()):
            is_enforced, columns = holds.pop((table.name, name), (False, wanted))
            if not is_enforced:
                yield f"the constraint {name} does not hold", table.name
            elif not wanted <= columns:
                yield (
                    f"the constraint {name} says nothing of {', '.join(sorted(wanted - columns))}",
                    table.name,
                )
    for (table, name), (is_enforced, _) in holds.items():
        if not is_enforced:
            yield f"the constraint {name} does not hold", table


def columns(reading, tables, names):
    """No column is freer than its field."""
    held = set(reading.execute(COLUMNS, (names,)).fetchall())
    for table in tables:
        for column, word in sorted(table.columns):
            if (table.name, column, word) not in held:
                yield f"nothing sees to it that {column} {word}", table.name


def roles(reading):
    """The application is nobody's member and nobody special; no setting speaks for a person."""
    for name, *powers in reading.execute(ROLES):
        if any(powers):
            yield f"the role {name} is more than an ordinary role", ""
    for member, group in sorted(set(reading.execute(MEMBERS).fetchall()) - MEMBERSHIPS):
        yield f"the role {member} is a member of {group}", ""
    for role, setting in reading.execute(SETTINGS):
        name = setting.partition("=")[0]
        if name.lower().startswith(DANGEROUS) and (role, name) not in ALLOWED:
            yield f"{name} is preset for {role}", ""
