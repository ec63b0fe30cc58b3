import type { PresentPermission } from '@truc/access';
import type { BrokerAcl, ForeignAcl, LogAdmin } from '@truc/kafka';

/** A permission at the brokers with the entry that gives it. */
export interface ListedPermission extends PresentPermission {
  readonly entry: BrokerAcl | ForeignAcl;
}

export interface ListedAccess {
  readonly present: readonly ListedPermission[];
  /** Entries that deny. They give nothing to anybody, and somebody may have needed one in haste: they are told and left. */
  readonly denying: readonly ForeignAcl[];
}

const user = 'User:';

/** What the brokers list, in the words in which access is decided. @param spared principals whose entries are somebody else's business */
export function listedAccess({ acls, foreign }: Awaited<ReturnType<LogAdmin['listAcls']>>, spared: ReadonlySet<string>): ListedAccess {
  const present = [...acls, ...foreign.filter(({ denies }) => !denies)].map(listed);
  return { present: present.filter(({ principal }) => !spared.has(principal)), denying: foreign.filter(({ denies }) => denies) };
}

function listed(entry: BrokerAcl | ForeignAcl): ListedPermission {
  const { principal, resourceType, patternType, name, operation } = entry;
  const who = principal.startsWith(user) ? principal.slice(user.length) : principal;
  // An entry for one host is another than the one that is wanted, and is not to be taken for it.
  const from = 'host' in entry && entry.host !== '*' ? ` from ${entry.host}` : '';
  return { principal: `${who}${from}`, resourceType, patternType, name, operation, entry };
}
