import type { ContextPlaces } from '../context-file.js';
import type { Language } from '@truc/kernel';

/** What a command may know of the process that it runs in. */
export interface Surroundings {
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
  /** Where a person could answer a question; absent where nobody is asked. */
  readonly input?: NodeJS.ReadStream;
  readonly contextPlaces: ContextPlaces;
  /** What configurations of services may refer to. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  /** Called with what the process should end with. */
  readonly end: (code: 0 | 1 | 2 | 3) => void;
}
