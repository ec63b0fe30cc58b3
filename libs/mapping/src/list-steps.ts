/** An array column as a list of values. */
import { Fault } from './fault.js';
import { parsePostgresArray } from './postgres-array.js';
import type { TextStep } from './text-steps.js';

/** What a list transform makes of an array's text: its members, nothing, or a reason why not. */
export type ListStep = (text: string) => readonly string[] | null | Fault;

const notAnArray = new Fault('is not an array');
const notFlat = new Fault('is an array of more than one dimension');

/** Members that are null, or that a step makes null, are left out; what is left of nothing is null, so that a required field is missing. One member that does not fit is a fault of the whole. */
export function listSteps(steps: readonly TextStep[]): ListStep {
  return (text) => {
    const items = parsePostgresArray(text);
    if (items === null) return notAnArray;
    const members: string[] = [];
    for (const item of items) {
      if (Array.isArray(item)) return notFlat;
      let member: string | null = item;
      for (const step of steps) {
        if (member === null) break;
        const stepped = step(member);
        if (stepped instanceof Fault) return stepped;
        member = stepped;
      }
      if (member !== null) members.push(member);
    }
    return members.length === 0 ? null : members;
  };
}
