import type { PlannedTable } from './capture-plan.js';
import type { RoleFacts } from './role-facts.js';
import type { ServerFacts } from './server-facts.js';
import type { DatabaseSurvey } from './survey.js';
import type { ColumnFacts, IdentityFacts, TableFacts } from './table-facts.js';

export const gibibyte = 1024 ** 3;

export function column(name: string, more: Partial<ColumnFacts> = {}): ColumnFacts {
  return {
    name,
    type: 'character varying(12)',
    baseType: 'character varying(12)',
    notNull: true,
    isGenerated: false,
    generation: null,
    defaultsToNow: false,
    comment: null,
    labels: [],
    mayBeToasted: false,
    widthBytes: 10,
    ...more,
  };
}

export function identity(
  table: string,
  kind: IdentityFacts['kind'],
  columns: readonly string[],
  index: string | null = null,
): IdentityFacts {
  return { table, kind, index, columns };
}

/** A table with a primary key on its first column, which nobody has rights on. */
export function table(name: string, columns: readonly ColumnFacts[], more: Partial<TableFacts> = {}): TableFacts {
  const full = `public.${name}`;
  const key = columns[0]?.name ?? '';
  const own = identity(full, 'd', [key], `${name}_pkey`);
  return {
    table: full,
    schema: 'public',
    name,
    owner: 'dba',
    comment: null,
    isPartitioned: false,
    hasRowSecurity: false,
    rowsEstimated: 1000,
    bytes: 100_000,
    toastBytes: 0,
    updates: 100,
    deletes: 0,
    sinceSeconds: 86_400,
    columns,
    uniqueKeys: [{ index: `${name}_pkey`, columns: [key], isPrimary: true, notNull: true }],
    foreignKeys: [],
    indexes: [],
    identity: own,
    leafIdentities: [own],
    selectable: [],
    writable: false,
    ...more,
  };
}

export function server(more: Partial<ServerFacts> = {}): ServerFacts {
  return {
    version: '18.4',
    versionNumber: 180_004,
    database: 'agency',
    encoding: 'UTF8',
    isStandby: false,
    standbyFeedback: false,
    walLevel: 'logical',
    slotsMax: 10,
    sendersMax: 10,
    sendersUsed: 0,
    slots: [],
    keepBytesMax: 10 * gibibyte,
    maxWalBytes: gibibyte,
    wal: { bytes: gibibyte, seconds: 86_400 },
    walDirectoryBytes: null,
    dataDirectory: null,
    setByAlterSystem: {},
    ...more,
  };
}

export function role(name: string, more: Partial<RoleFacts> = {}): RoleFacts {
  return {
    name,
    isSuperuser: false,
    mayLogin: true,
    mayReplicate: true,
    mayCreateRoles: false,
    mayCreateDatabases: false,
    bypassesRowSecurity: false,
    memberOf: [],
    mayConnect: true,
    mayCreateInDatabase: false,
    schemas: ['public'],
    createsIn: [],
    ...more,
  };
}

export function survey(more: Partial<DatabaseSurvey> = {}): DatabaseSurvey {
  return {
    server: server(),
    disk: { freeBytes: 100 * gibibyte, origin: 'stated' },
    surveyor: role('dba'),
    role: role('truc_capture'),
    roleName: 'truc_capture',
    everybody: { mayConnect: true, schemas: ['public'] },
    publication: null,
    tables: [],
    ...more,
  };
}

export function planned(name: string, columns: readonly string[], more: Partial<PlannedTable> = {}): PlannedTable {
  const key = columns.slice(0, 1);
  return { table: `public.${name}`, columns, key, identity: key, isParent: false, ...more };
}

export function planOf(...tables: PlannedTable[]) {
  return { role: 'truc_capture', slot: 'truc_agency', publication: 'truc_agency', tables };
}
