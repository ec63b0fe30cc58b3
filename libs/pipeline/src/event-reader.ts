import type { SourceBlock } from '@truc/change-event';
import type { StoredRecord } from './log.js';
import { receiveEvent, schemaIdOf, type ReceivedEvent, type TopicExpectation } from './received-event.js';
import type { RowDoor } from './row-door.js';
import type { SchemaLookup } from './schema-lookup.js';
import { TopicSchemas, type ResolvedSchema } from './topic-schemas.js';

/** Whether a release of the dictionary is published; asked once for each. @throws TrucError with retry while that cannot be learnt */
export type ReleaseLookup = (release: number) => Promise<boolean>;

/** Reads the records of one topic: looks up what their schema ids and releases mean, then judges each of them. */
export class EventReader {
  readonly #expected: TopicExpectation;
  readonly #schemas: TopicSchemas;
  readonly #isReleased: ReleaseLookup | null;
  readonly #door: RowDoor | null;
  readonly #releases = new Set<number>();

  /**
   * @param isReleased null where the events name no release, as in views
   * @param door judges rows by the release that they name; null where they name none
   */
  constructor(expected: TopicExpectation, lookup: SchemaLookup, isReleased: ReleaseLookup | null, door: RowDoor | null = null) {
    this.#expected = expected;
    this.#schemas = new TopicSchemas(lookup, expected.topic);
    this.#isReleased = isReleased;
    this.#door = door;
  }

  /**
   * One answer for each record, in order.
   * @throws TrucError REGISTRY_UNREACHABLE, POLICY_UNREACHABLE (retry): nothing is refused while it cannot be asked
   */
  async read(records: readonly StoredRecord[]): Promise<ReceivedEvent[]> {
    const keys = await resolved(idsOf(records.map(({ key }) => key)), (id) => this.#schemas.key(id));
    const values = await resolved(idsOf(records.flatMap(({ value }) => (value === null ? [] : [value]))), (id) => this.#schemas.value(id));
    const events = records.map((record) => receiveEvent(record, this.#expected, { keys, values }));
    const released = this.#isReleased === null ? events : await this.#judgeReleases(events, this.#isReleased);
    const door = this.#door;
    return door === null ? released : released.map((event, index) => door.judge(event, records[index]?.headers ?? []));
  }

  async #judgeReleases(events: ReceivedEvent[], isReleased: ReleaseLookup): Promise<ReceivedEvent[]> {
    const missing = new Set<number>();
    for (const release of new Set(events.flatMap((event) => releaseOf(event) ?? []))) {
      if (this.#releases.has(release)) continue;
      if (await isReleased(release)) this.#releases.add(release);
      else missing.add(release);
    }
    if (missing.size === 0) return events;
    return events.map((event) => {
      const release = releaseOf(event);
      if (release === null || !missing.has(release)) return event;
      return {
        kind: 'refused',
        reasons: [{ rule: 'RELEASE_UNKNOWN', field: 'source', reason: `there is no release ${release} of the dictionary` }],
      };
    });
  }
}

function releaseOf(event: ReceivedEvent): number | null {
  return event.kind === 'event' && 'release' in event.envelope.source ? (event.envelope.source as SourceBlock).release : null;
}

function idsOf(framed: readonly Buffer[]): Set<number> {
  const ids = new Set<number>();
  for (const bytes of framed) {
    const id = schemaIdOf(bytes);
    if (id !== null) ids.add(id);
  }
  return ids;
}

async function resolved(ids: ReadonlySet<number>, resolve: (id: number) => Promise<ResolvedSchema>): Promise<Map<number, ResolvedSchema>> {
  const found = new Map<number, ResolvedSchema>();
  for (const id of ids) found.set(id, await resolve(id));
  return found;
}
