import { httpLoad, type HttpLoadMeasure } from '../harness/http-load.js';
import { median } from '../harness/median.js';
import { nextVersionOf, schemaText, subjectOf } from './bench-schemas.js';
import { requestTo, type RegistryContestant } from './registry-contestant.js';
import { workloadResult, type RegistryResult, type Workload } from './registry-result.js';

const readers = 32;
const writers = 8;

/** A contestant with what was registered in it and what was measured of it. */
export class LoadedRegistry {
  readonly #contestant: RegistryContestant;
  readonly #governed: readonly { readonly subject: string; readonly schema: string }[];
  readonly #signal: AbortSignal;
  readonly #ids: number[] = [];
  #registered = 0;
  readonly #measures: Record<Workload, HttpLoadMeasure[]> = { getById: [], registerNew: [], registerVersion: [] };

  constructor(
    contestant: RegistryContestant,
    governed: readonly { readonly subject: string; readonly schema: string }[],
    signal: AbortSignal,
  ) {
    this.#contestant = contestant;
    this.#governed = governed;
    this.#signal = signal;
  }

  get name(): string {
    return this.#contestant.name;
  }

  get pid(): number {
    return this.#contestant.pid;
  }

  result(): RegistryResult {
    const { getById, registerNew, registerVersion } = this.#measures;
    return {
      name: this.name,
      workloads: {
        getById: workloadResult(getById),
        registerNew: workloadResult(registerNew),
        registerVersion: workloadResult(registerVersion),
      },
    };
  }

  /** The same levels of compatibility in both; the subjects of the catalogue with their first version. */
  async prepare(): Promise<void> {
    await this.#send([requestTo(this.#contestant, 'PUT', '/config', { compatibility: 'BACKWARD' })], 1);
    await this.#send(
      this.#governed.map(({ subject, schema }) => this.#registration(subject, schema)),
      writers,
    );
    const level = { compatibility: 'FULL_TRANSITIVE' };
    await this.#send(
      this.#governed.map(({ subject }) => requestTo(this.#contestant, 'PUT', `/config/${subject}`, level)),
      1,
    );
  }

  /** Up to so many in all. */
  async registerNew(upTo: number): Promise<void> {
    this.#measures.registerNew.push(await this.fill(upTo));
  }

  /** As {@link registerNew}, and nothing of it is kept. */
  async fill(upTo: number): Promise<HttpLoadMeasure> {
    const from = this.#registered;
    this.#registered = upTo;
    let number = from;
    // Made as they are sent: a hundred thousand of them would be a lot of memory.
    return this.#load(
      writers,
      () => (number < upTo ? this.#registration(subjectOf(number), schemaText(number++)) : null),
      (body) => {
        this.#ids.push((JSON.parse(body.toString('utf8')) as { id: number }).id);
      },
    );
  }

  async registerVersions(run: number): Promise<void> {
    this.#measures.registerVersion.push(
      await this.#send(
        this.#governed.map(({ subject, schema }) => this.#registration(subject, nextVersionOf(schema, run))),
        writers,
      ),
    );
  }

  /** Each schema once, and as in the runs for a while. @param seconds of that while */
  async warmUp(seconds: number): Promise<void> {
    let place = 0;
    const ask = this.#reading();
    await this.#load(readers, () => (place < this.#ids.length ? ask(place++) : null));
    await this.#read(seconds);
  }

  async getById(seconds: number): Promise<void> {
    this.#measures.getById.push(await this.#read(seconds));
  }

  /** @returns reads per second, the median; nothing of it is kept */
  async readMany(runs: number, seconds: number, progress: (sentence: string) => void): Promise<number | null> {
    const rates: number[] = [];
    for (let run = 1; run <= runs; run += 1) {
      progress(`run ${run} of ${runs}: reading by id of ${this.#ids.length.toLocaleString('en')} schemas, ${this.name}`);
      rates.push((await this.#read(seconds)).perSecond);
    }
    return median(rates);
  }

  /** Each id as often as any other, in no order. */
  #read(seconds: number): Promise<HttpLoadMeasure> {
    const ask = this.#reading();
    const next = () => ask(Math.floor(Math.random() * this.#ids.length));
    return httpLoad({ port: this.#contestant.port, connections: readers, next, seconds, signal: this.#signal });
  }

  /** Makes the request for the schema at a place among those that were registered. */
  #reading(): (place: number) => Buffer {
    const head = requestTo(this.#contestant, 'GET', '/schemas/ids/').toString('latin1');
    const at = head.indexOf(' HTTP/1.1');
    const [before, behind] = [head.slice(0, at), head.slice(at)];
    return (place) => Buffer.from(`${before}${this.#ids[place]}${behind}`, 'latin1');
  }

  #registration(subject: string, schema: string): Buffer {
    return requestTo(this.#contestant, 'POST', `/subjects/${subject}/versions`, { schema });
  }

  #send(requests: readonly Buffer[], connections: number): Promise<HttpLoadMeasure> {
    let sent = 0;
    return this.#load(connections, () => requests[sent++] ?? null);
  }

  #load(connections: number, next: () => Buffer | null, onAnswer?: (body: Buffer) => void): Promise<HttpLoadMeasure> {
    const listening = onAnswer === undefined ? {} : { onAnswer };
    return httpLoad({ port: this.#contestant.port, connections, next, ...listening, signal: this.#signal });
  }
}
