import type { AvroCodec } from '@truc/avro';
import type { SourceBlock } from '@truc/change-event';
import { compileValueRules, mayPass, rowFieldsOf, vietnamToday, type DictionaryRelease, type ValueRules } from '@truc/dictionary';
import { hasCode, TrucError, type Clock } from '@truc/kernel';
import type { LogHeader } from './log.js';
import type { ReceivedEvent, RejectionReason, TopicExpectation } from './received-event.js';
import { MARKS_HEADER } from './row-findings.js';

/** A release of the dictionary that is known to be published; null while not all of it was read. */
export type DictionaryLookup = (release: number) => DictionaryRelease | null;

/**
 * What can be judged of a row from the row alone. A code means nothing without the date that it applies to, which stays at the source (V3, V8); that a required value is there
 * (V4) the schema has told; whose row it is (V7) and that it is the only one (V9) is the publisher's and its broker's.
 */
const judged: ReadonlySet<string> = new Set(['V1', 'V2', 'V5', 'V6']);

/** The fields that repeat a key's code: a topic's expectation. */
export type DoorCodes = Pick<TopicExpectation, 'codeField' | 'otherCodes'>;

type Door = ValueRules | 'element-unknown';

/**
 * Value rules at a consumer's door: unmasked fields by the release that the event names. The agent has judged by the same rules, so what is refused here came past an agent,
 * or from one that is not what it should be. What the publisher let pass by its dataset's choice says so in the event's marks, which anybody who writes there can write: they let nothing in that
 * no dataset may choose to let pass.
 */
export class RowDoor {
  readonly #codes: DoorCodes;
  readonly #dictionaryOf: DictionaryLookup;
  readonly #today: () => number;
  /** By schema and release; a topic has few of either. */
  readonly #doors = new WeakMap<AvroCodec, Map<number, Door>>();

  constructor(codes: DoorCodes, dictionaryOf: DictionaryLookup, clock: Clock) {
    this.#codes = codes;
    this.#dictionaryOf = dictionaryOf;
    // A day more: the agent's clock may be ahead of this one, and midnight between them must refuse nothing.
    this.#today = () => vietnamToday(clock) + 1;
  }

  /** The event, or why it is refused. @throws TrucError POLICY_UNREACHABLE (retry) while the release is not whole */
  judge(event: ReceivedEvent, headers: readonly LogHeader[]): ReceivedEvent {
    if (event.kind !== 'event' || event.envelope.after === null || !('release' in event.envelope.source)) return event;
    const { release } = event.envelope.source as SourceBlock;
    const door = this.#doorOf(event.codec, release);
    if (door === 'element-unknown') {
      const reason = `release ${release} of the dictionary does not know every element of the event's schema`;
      return { kind: 'refused', reasons: [{ rule: 'ELEMENT_UNKNOWN', field: 'source', reason }] };
    }
    const found = door(event.envelope.after, { referenceDate: '' }).filter(({ rule }) => judged.has(rule));
    if (found.length === 0) return event;
    const passed = new Set(marksOf(headers));
    const reasons = found.flatMap(({ rule, field, reason }): RejectionReason[] =>
      passed.has(`${rule} ${field} ${reason}`) && mayPass({ rule, reason }) ? [] : [{ rule, field, reason }],
    );
    return reasons.length === 0 ? event : { kind: 'refused', reasons };
  }

  #doorOf(codec: AvroCodec, release: number): Door {
    const doors = this.#doors.get(codec) ?? new Map<number, Door>();
    this.#doors.set(codec, doors);
    const known = doors.get(release);
    if (known !== undefined) return known;
    const dictionary = this.#dictionaryOf(release);
    if (dictionary === null) {
      throw new TrucError('POLICY_UNREACHABLE', `release ${release} of the dictionary is published but not all of it was read yet`, {
        retry: true,
      });
    }
    const door = this.#compile(codec, dictionary);
    doors.set(release, door);
    return door;
  }

  #compile(codec: AvroCodec, dictionary: DictionaryRelease): Door {
    try {
      return compileValueRules(dictionary, rowFieldsOf(codec.schema), {
        codeField: this.#codes.codeField,
        otherCodeFields: this.#codes.otherCodes?.flatMap(({ field }) => field ?? []),
        today: this.#today,
        skipProtected: true,
      });
    } catch (error) {
      if (hasCode(error, 'DICTIONARY_ELEMENT_UNKNOWN')) return 'element-unknown';
      throw error;
    }
  }
}

function marksOf(headers: readonly LogHeader[]): string[] {
  return headers.filter(({ key }) => key === MARKS_HEADER).flatMap(({ value }) => value.toString('utf8').split('\n'));
}
