import { readRoleFacts, type RoleFacts } from '../role-facts.js';
import type { SurveySession } from '../survey-session.js';

/** What capturing goes by in a database. */
export interface CaptureNames {
  readonly slot: string;
  readonly publication: string;
  readonly role: string;
}

export interface RemnantSlot {
  readonly name: string;
  /** Of this database, by pgoutput: a slot of that name elsewhere is somebody else's. */
  readonly isOurs: boolean;
  readonly active: boolean;
  readonly activePid: number | null;
  readonly retainedBytes: number | null;
}

/** A right that a role has straight, as GRANT and REVOKE write it: `SELECT (a, b) ON public.t`. */
export interface RemnantRight {
  readonly what: string;
}

/** What is left of capturing in a database, and whether whoever looks could take it away. */
export interface Remnants {
  readonly names: CaptureNames;
  readonly slot: RemnantSlot | null;
  readonly publication: { readonly name: string; readonly mayDrop: boolean } | null;
  readonly role: RoleFacts | null;
  /** Of the role, in this database. */
  readonly rights: readonly RemnantRight[];
  /** Sessions of the role, others than the one that looks. */
  readonly roleSessions: number;
  /** Things that the role owns here. */
  readonly roleOwns: number;
  /** Other databases in which the role has rights or things. */
  readonly roleElsewhere: readonly string[];
  readonly surveyor: RoleFacts;
  readonly mayDropRole: boolean;
  /** Indexes that were made for a replica identity by a script of ours, with their tables. */
  readonly identityIndexes: readonly { readonly table: string; readonly index: string }[];
  /** Slots and publications that are called like ours and are not the ones that were asked for. */
  readonly others: readonly string[];
}

const REMNANTS = `
  WITH role AS (SELECT oid FROM pg_roles WHERE rolname = $3),
  granted AS (
    SELECT format('%s (%s) ON %I.%I', g.privilege_type, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), n.nspname, c.relname) AS what
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL aclexplode(a.attacl) g WHERE g.grantee = (SELECT oid FROM role) GROUP BY g.privilege_type, n.nspname, c.relname
    UNION ALL SELECT format('%s ON %s%I.%I', g.privilege_type, CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE '' END, n.nspname, c.relname)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) g
     WHERE g.grantee = (SELECT oid FROM role) AND c.relowner <> g.grantee
    UNION ALL SELECT format('%s ON SCHEMA %I', g.privilege_type, n.nspname) FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) g
     WHERE g.grantee = (SELECT oid FROM role) AND n.nspowner <> g.grantee
    UNION ALL SELECT format('%s ON DATABASE %I', g.privilege_type, d.datname) FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) g
     WHERE g.grantee = (SELECT oid FROM role) AND d.datname = current_database() AND d.datdba <> g.grantee)
  SELECT json_build_object(
    'slot', (SELECT json_build_object('name', slot_name, 'isOurs', plugin = 'pgoutput' AND database = current_database(), 'active', active, 'activePid', active_pid,
        'retainedBytes', CASE WHEN pg_is_in_recovery() THEN NULL ELSE greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0) END)
      FROM pg_replication_slots WHERE slot_name = $1),
    'publication', (SELECT json_build_object('name', pubname, 'mayDrop', pg_has_role(current_user, pubowner, 'USAGE')) FROM pg_publication WHERE pubname = $2),
    'rights', (SELECT coalesce(json_agg(json_build_object('what', what) ORDER BY what), '[]') FROM granted),
    'roleSessions', (SELECT count(*) FROM pg_stat_activity WHERE usename = $3 AND pid <> pg_backend_pid()),
    'roleOwns', (SELECT count(*) FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = (SELECT oid FROM role) AND deptype = 'o'
                   AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())),
    'roleElsewhere', (SELECT coalesce(json_agg(DISTINCT d.datname), '[]') FROM pg_shdepend s JOIN pg_database d ON d.oid = CASE WHEN s.classid = 'pg_database'::regclass THEN s.objid ELSE s.dbid END
      WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = (SELECT oid FROM role) AND d.datname <> current_database()),
    'isAdmin', coalesce((SELECT pg_has_role(current_user, oid, 'MEMBER WITH ADMIN OPTION') FROM role), false),
    'version', current_setting('server_version_num')::int,
    'identityIndexes', (SELECT coalesce(json_agg(json_build_object('table', n.nspname || '.' || t.relname, 'index', c.relname) ORDER BY c.relname), '[]')
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE c.relname ~ '^truc_.*_identity$' AND i.indisreplident),
    'others', (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM (
       SELECT 'slot ' || slot_name AS name FROM pg_replication_slots WHERE database = current_database() AND slot_name ~ '^truc_' AND slot_name <> $1
       UNION ALL SELECT 'publication ' || pubname FROM pg_publication WHERE pubname ~ '^truc_' AND pubname <> $2) o)
  )`;

type Answer = Omit<Remnants, 'names' | 'role' | 'surveyor' | 'mayDropRole'> & { readonly isAdmin: boolean; readonly version: number };

/** From 16 on somebody who may make roles may drop only those that they administer. */
const adminOptionFrom = 160_000;

/** @throws TrucError SURVEY_* */
export async function readRemnants(session: SurveySession, names: CaptureNames): Promise<Remnants> {
  const surveyor = await readRoleFacts(session, null);
  if (surveyor === null) throw new Error('unreachable: a connection without a role');
  const values = [names.slot, names.publication, names.role];
  const { isAdmin, version, ...found } = await session.value<Answer>('looking for what is left of capturing', REMNANTS, values);
  const mayDropRole = surveyor.isSuperuser || (surveyor.mayCreateRoles && (isAdmin || version < adminOptionFrom));
  return { names, ...found, role: await readRoleFacts(session, names.role), surveyor, mayDropRole };
}
