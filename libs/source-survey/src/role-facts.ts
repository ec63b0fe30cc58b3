import type { SurveySession } from './survey-session.js';

/** A role of the server, and what it may do beyond tables. */
export interface RoleFacts {
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly mayLogin: boolean;
  readonly mayReplicate: boolean;
  readonly mayCreateRoles: boolean;
  readonly mayCreateDatabases: boolean;
  readonly bypassesRowSecurity: boolean;
  /** Roles whose rights it has, straight or through others. */
  readonly memberOf: readonly string[];
  /** To this database. */
  readonly mayConnect: boolean;
  readonly mayCreateInDatabase: boolean;
  /** Schemas that it may look into. */
  readonly schemas: readonly string[];
  /** Schemas of people that it may make things in. */
  readonly createsIn: readonly string[];
}

const ROLE = `
  SELECT json_build_object(
    'name', r.rolname, 'isSuperuser', r.rolsuper, 'mayLogin', r.rolcanlogin, 'mayReplicate', r.rolreplication,
    'mayCreateRoles', r.rolcreaterole, 'mayCreateDatabases', r.rolcreatedb, 'bypassesRowSecurity', r.rolbypassrls,
    'memberOf', (SELECT coalesce(json_agg(g.rolname ORDER BY g.rolname), '[]') FROM pg_roles g
                  WHERE g.oid <> r.oid AND NOT r.rolsuper AND pg_has_role(r.oid, g.oid, 'MEMBER')),
    'mayConnect', has_database_privilege(r.oid, current_database(), 'CONNECT'),
    'mayCreateInDatabase', has_database_privilege(r.oid, current_database(), 'CREATE'),
    'schemas', (SELECT coalesce(json_agg(nspname ORDER BY nspname), '[]') FROM pg_namespace WHERE has_schema_privilege(r.oid, oid, 'USAGE')),
    'createsIn', (SELECT coalesce(json_agg(nspname ORDER BY nspname), '[]') FROM pg_namespace
                   WHERE nspname !~ '^pg_' AND has_schema_privilege(r.oid, oid, 'CREATE'))
  ) FROM pg_roles r WHERE r.rolname = coalesce($1, current_user)`;

/** What everybody may do here, which is what a role that is made has from the first. */
const EVERYBODY = `
  SELECT json_build_object(
    'mayConnect', has_database_privilege('public', current_database(), 'CONNECT'),
    'schemas', (SELECT coalesce(json_agg(nspname ORDER BY nspname), '[]') FROM pg_namespace WHERE has_schema_privilege('public', oid, 'USAGE')))`;

export type EverybodyFacts = Pick<RoleFacts, 'mayConnect' | 'schemas'>;

/** @param name null for the one that is connected @returns null where there is no such role @throws TrucError SURVEY_* */
export async function readRoleFacts(session: SurveySession, name: string | null): Promise<RoleFacts | null> {
  return (await session.value<RoleFacts | undefined>('reading the rights of a role', ROLE, [name])) ?? null;
}

/** @throws TrucError SURVEY_* */
export function readEverybodyFacts(session: SurveySession): Promise<EverybodyFacts> {
  return session.value<EverybodyFacts>('reading what everybody may do', EVERYBODY);
}
