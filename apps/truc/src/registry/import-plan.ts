import { subjectParts } from '@truc/registry';
import { idKey, versionKey, type TargetState, type TargetVersion } from './target-state.js';
import { referredBy, type Wanted, type WantedVersion } from './import-names.js';

/** Why nothing at all is written. */
export type Conflict =
  /** A version is there and is another schema. */
  | { readonly kind: 'version'; readonly subject: string; readonly version: number; readonly id: number; readonly idThere: number }
  /** An id is there and is another schema. */
  | { readonly kind: 'id'; readonly subject: string; readonly version: number; readonly id: number; readonly heldBy: string }
  /** The source itself has two schemas of one id. */
  | { readonly kind: 'source'; readonly subject: string; readonly version: number; readonly id: number; readonly heldBy: string }
  /** What is there is not of the source: the registry is another one's. */
  | { readonly kind: 'foreign'; readonly subject: string; readonly versions: number };

/** A version that stays behind, and why, as the registry or we say it. */
export interface HeldVersion {
  readonly subject: string;
  readonly version: number;
  /** Null where the source does not tell it. */
  readonly id: number | null;
  readonly reason: string;
  readonly violations: readonly {
    readonly rule: string;
    readonly path: string;
    readonly expected: string;
    readonly found: string;
    readonly hint: string;
  }[];
}

export interface ImportPlan {
  readonly conflicts: readonly Conflict[];
  readonly held: readonly HeldVersion[];
  /** What is registered, in this order. */
  readonly missing: readonly WantedVersion[];
  /** What is deleted softly afterwards, in this order. */
  readonly deletions: readonly WantedVersion[];
  /** How many are there already. */
  readonly present: number;
}

/**
 * What has to be done so that a registry holds what is wanted. Whoever was stopped in the middle plans again: what is there already is left out.
 * @param isSame whether a version that is there says what is wanted
 */
export function planImport(
  { versions: wanted, withheld }: Pick<Wanted, 'versions' | 'withheld'>,
  target: TargetState,
  isSame: (wanted: WantedVersion, there: TargetVersion) => boolean,
): ImportPlan {
  const held = heldVersions(wanted);
  const isHeld = (each: WantedVersion): boolean => held.has(versionKey(each));
  const order = inOrder(wanted).filter((each) => !isHeld(each));
  const registered = new Set<WantedVersion>();
  for (const each of order) {
    const there = target.versions.get(versionKey(each));
    if (there === undefined || (there.deleted && !each.deleted)) registered.add(each);
  }
  for (const each of revived(order, registered, target)) registered.add(each);
  return {
    conflicts: [...conflictsWith(wanted, target, isSame), ...foreignSubjects([...wanted, ...withheld], target)],
    held: [...held.values(), ...withheld.map(withheldVersion)],
    missing: order.filter((each) => registered.has(each)),
    deletions: order
      .filter((each) => each.deleted && (registered.has(each) || target.versions.get(versionKey(each))?.deleted === false))
      .reverse(),
    present: order.filter((each) => target.versions.has(versionKey(each))).length,
  };
}

/** Versions that were deleted there already and live once more for a while: what a version refers to has to live when that version is registered. */
function revived(order: readonly WantedVersion[], registered: ReadonlySet<WantedVersion>, target: TargetState): WantedVersion[] {
  const byKey = new Map(order.map((each) => [versionKey(each), each]));
  const found = new Set<WantedVersion>();
  const waiting = [...registered];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    for (const { subject, version } of referredBy(each)) {
      const referred = version === null ? undefined : byKey.get(versionKey({ subject, version }));
      if (referred === undefined || found.has(referred) || target.versions.get(versionKey(referred))?.deleted !== true) continue;
      found.add(referred);
      waiting.push(referred);
    }
  }
  return [...found];
}

/** What is no Avro, and what refers to such. */
function heldVersions(wanted: readonly WantedVersion[]): Map<string, HeldVersion> {
  const held = new Map<string, HeldVersion>();
  const hold = (each: WantedVersion, reason: string): void => {
    const { subject, version, id } = each;
    held.set(versionKey(each), { subject, version, id, reason, violations: [] });
  };
  for (const each of wanted) {
    const { schemaType } = each.source;
    if (schemaType !== 'AVRO') hold(each, `it is a schema of type ${schemaType.slice(0, 40)}, and this registry keeps Avro only`);
  }
  for (const each of inOrder(wanted)) {
    if (held.has(versionKey(each))) continue;
    const lost = referredBy(each).find(({ subject, version }) => version !== null && held.has(versionKey({ subject, version })));
    if (lost !== undefined) hold(each, `it refers to version ${lost.version} of ${lost.subject}, which stays behind`);
  }
  return held;
}

function conflictsWith(
  wanted: readonly WantedVersion[],
  target: TargetState,
  isSame: (wanted: WantedVersion, there: TargetVersion) => boolean,
): Conflict[] {
  const conflicts: Conflict[] = [];
  const first = new Map<string, WantedVersion>();
  for (const each of wanted) {
    const { subject, version, id } = each;
    const sibling = first.get(idKey(each));
    if (sibling === undefined) first.set(idKey(each), each);
    else if (sibling.source.digest !== each.source.digest)
      conflicts.push({ kind: 'source', subject, version, id, heldBy: `version ${sibling.version} of ${sibling.subject}` });
    const there = target.versions.get(versionKey(each));
    const holder = target.ids.get(idKey(each));
    if (there !== undefined && (there.id !== id || !isSame(each, there)))
      conflicts.push({ kind: 'version', subject, version, id, idThere: there.id });
    else if (holder !== undefined && !isSame(each, holder))
      conflicts.push({ kind: 'id', subject, version, id, heldBy: `version ${holder.version} of ${holder.subject}` });
  }
  return conflicts;
}

function withheldVersion({ subject, version, reason }: Wanted['withheld'][number]): HeldVersion {
  return { subject, version, id: null, reason: `the source tells of it and does not hand it out (${reason})`, violations: [] };
}

function foreignSubjects(wanted: readonly { readonly subject: string; readonly version: number }[], target: TargetState): Conflict[] {
  const ours = new Set(wanted.map(versionKey));
  const foreign = new Map<string, number>();
  for (const [key, { subject }] of target.versions) if (!ours.has(key)) foreign.set(subject, (foreign.get(subject) ?? 0) + 1);
  return [...foreign].sort().map(([subject, versions]) => ({ kind: 'foreign', subject, versions }));
}

/**
 * Each version after those that it refers to; in `data.*` and `view.*`, where the rules look at what was before, after the version before it too. Else as it was, by ids.
 * What goes round in a circle stays as it was: the registry says what is wrong with it.
 */
export function inOrder(wanted: readonly WantedVersion[]): WantedVersion[] {
  const byKey = new Map(wanted.map((each) => [versionKey(each), each]));
  const bySubject = new Map<string, WantedVersion[]>();
  for (const each of wanted) {
    const own = bySubject.get(each.subject);
    if (own === undefined) bySubject.set(each.subject, [each]);
    else own.push(each);
  }
  for (const own of bySubject.values()) own.sort((a, b) => a.version - b.version);
  const place = new Map([...bySubject.values()].flatMap((own) => own.map((each, index) => [each, index] as const)));
  const before = (each: WantedVersion): WantedVersion[] => {
    const own = bySubject.get(each.subject) ?? [];
    const previous = subjectParts(each.subject).isProtected ? own[(place.get(each) ?? 0) - 1] : undefined;
    const referred = referredBy(each).flatMap(({ subject, version }) =>
      version === null ? (bySubject.get(subject) ?? []) : (byKey.get(versionKey({ subject, version })) ?? []),
    );
    return previous === undefined ? referred : [previous, ...referred];
  };
  const state = new Map<WantedVersion, 'under way' | 'done'>();
  const order: WantedVersion[] = [];
  for (const root of wanted) {
    const stack = [root];
    for (let each = stack.at(-1); each !== undefined; each = stack.at(-1)) {
      if (!state.has(each)) {
        state.set(each, 'under way');
        stack.push(...before(each).filter((one) => !state.has(one)));
        continue;
      }
      stack.pop();
      if (state.get(each) === 'done') continue;
      state.set(each, 'done');
      order.push(each);
    }
  }
  return order;
}
