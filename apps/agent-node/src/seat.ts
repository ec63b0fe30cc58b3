import { topicNames } from '@truc/coordination';
import { isoDateOfDays, vietnamToday } from '@truc/dictionary';
import { openLogReader, type KafkaConnection } from '@truc/kafka';
import { messageOf, systemClock, withinMs } from '@truc/kernel';
import { FlowSet, type FlowPlan, type FlowState, type LogReader } from '@truc/pipeline';
import { PolicyReader, reportPolicy } from '@truc/policy';
import { RegistryClient, registryConnection } from '@truc/registry-client';
import type { Logger, Telemetry } from '@truc/telemetry';
import { captureName, capturePlans, type CaptureParts } from './capture-plans.js';
import { waitingReason } from './capture-plan.js';
import type { SeatConfiguration } from './configuration.js';
import { DatasetsApart } from './datasets-apart.js';
import { FlowGauges } from './flow-gauges.js';
import { obeyPostCommand } from './post-command.js';
import { isFlowOf } from './post-place.js';
import { Post } from './post.js';
import { RetryDesk } from './retry-desk.js';
import { receiptPlan, subscriptionPlans, subscriptionsOf, targetName } from './subscriptions.js';
import { TargetDatabase } from './target-database.js';

/** Contracts begin and end with a day, which no change of policy tells of. */
const followEveryMs = 60_000;

/** How long the seat waits for its flows to end in order; what has not ended by then is ended with the process. */
const closeMsMax = 10_000;

/**
 * One agency at this node: reads its policy, captures its sources, applies what it subscribes to, and obeys its commands. Another node for the same agency does the same
 * for the databases that it is set up for; where both have the same one, one of them acts for it and the other stands by.
 */
export class Seat {
  readonly agency: string;
  readonly #seat: SeatConfiguration;
  readonly #connection: KafkaConnection;
  readonly #telemetry: Telemetry;
  readonly #log: Logger;
  readonly #reader: LogReader;
  readonly #policy: PolicyReader;
  readonly #registry: RegistryClient;
  readonly #posts: readonly Post[];
  readonly #flows: FlowSet;
  readonly #retries = new RetryDesk();
  readonly #apart: DatasetsApart;
  readonly #targets: ReadonlyMap<string, TargetDatabase>;
  /** Changes of policy are followed one after the other. */
  #following: Promise<void> = Promise.resolve();
  #isClosed = false;
  #dayWatch: NodeJS.Timeout | undefined;

  /** @param holder who this process is, for the people at another node of the agency */
  constructor(seat: SeatConfiguration, holder: string, telemetry: Telemetry, log: Logger) {
    this.agency = seat.agency;
    this.#seat = seat;
    this.#telemetry = telemetry;
    this.#log = log;
    const connection = seat.kafka;
    this.#connection = connection;
    this.#reader = openLogReader({ connection });
    this.#policy = new PolicyReader({
      reader: this.#reader,
      topics: [topicNames.policyCommon, topicNames.policy(seat.agency)],
      ...reportPolicy(telemetry, log),
    });
    const schemas = new RegistryClient(registryConnection(seat.registry));
    this.#registry = schemas;
    this.#apart = new DatasetsApart(log);
    const gauges = new FlowGauges(seat.agency, telemetry, log);
    this.#flows = new FlowSet({ onState: (flow, state) => gauges.tell(flow, state) });
    this.#posts = [
      ...Object.keys(seat.sources).map((database) => this.#post('source', database, holder)),
      ...Object.keys(seat.targets).map((database) => this.#post('target', database, holder)),
    ];
    this.#targets = new Map(
      Object.entries(seat.targets).map(([name, target]) => [
        name,
        new TargetDatabase({ agency: seat.agency, name, url: target.url, connection, schemas, telemetry, log }),
      ]),
    );
  }

  start(): void {
    this.#policy.start();
    this.#policy.onChange(() => this.#follow());
    void this.#policy.ready.then(() => this.#follow());
    for (const post of this.#posts) post.start();
    this.#dayWatch = setInterval(() => this.#follow(), followEveryMs);
  }

  get isReady(): boolean {
    return this.#policy.isReady;
  }

  /** For each database whether this node acts for it, or stands by for another one that does: `source/population` is `acting`. */
  get roles(): Record<string, 'acting' | 'standby'> {
    return Object.fromEntries(this.#posts.map(({ name, role }) => [name, role]));
  }

  /** For people: the state of every flow of this seat. No values of rows. */
  states(): Record<string, FlowState> {
    const flows = this.#flows.states();
    const waiting = [
      ...Object.keys(this.#seat.sources)
        .filter((database) => flows[captureName(database)] === undefined)
        .map((database) => [captureName(database), waitingReason(this.#policy.all(), this.agency, database)]),
      ...Object.keys(this.#seat.targets)
        .filter((database) => !Object.keys(flows).some((flow) => flow.startsWith(`${targetName(database)}/`)))
        .map((database) => [targetName(database), `no contract in force names the database ${database} yet`]),
    ];
    return { ...Object.fromEntries(waiting.map(([name, reason]) => [name, { kind: 'waiting', reason }])), ...flows };
  }

  /** For people: datasets that stand apart from the others of a source that is captured here. No values of rows. */
  datasetsApart(): Record<string, object> {
    const running = Object.entries(this.#flows.states()).filter(([, { kind }]) => kind === 'running');
    return Object.assign({}, ...running.map(([flow]) => this.#apart.of(flow))) as Record<string, object>;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#dayWatch);
    const inOrder = async (): Promise<void> => {
      await this.#following;
      await Promise.all(this.#posts.map((post) => post.close()));
      await this.#flows.close();
      await Promise.all([...this.#targets.values()].map((target) => target.close()));
    };
    await withinMs(closeMsMax, inOrder());
    await Promise.all(this.#posts.map(({ lease }) => lease.close()));
    await Promise.allSettled([this.#policy.close(), this.#reader.close()]);
  }

  #follow(): void {
    this.#inTurn(async () => {
      if (this.#policy.isReady) await this.#flows.follow(this.#plans().map((plan) => ({ ...plan, lease: this.#postOf(plan.name).lease })));
    });
  }

  get #captureParts(): CaptureParts {
    const [telemetry, log] = [this.#telemetry, this.#log];
    return { connection: this.#connection, schemas: this.#registry, telemetry, log, retries: this.#retries, apart: this.#apart };
  }

  #plans(): FlowPlan[] {
    const entries = this.#policy.all();
    const today = isoDateOfDays(vietnamToday(systemClock));
    return [
      ...capturePlans(entries, this.#seat, this.#captureParts),
      ...[...this.#targets].flatMap(([database, target]) => [
        ...subscriptionPlans(database, subscriptionsOf(entries, this.agency, database, today), target),
        receiptPlan(database, target),
      ]),
    ];
  }

  #inTurn(work: () => Promise<void>): void {
    this.#following = this.#following
      .then(() => (this.#isClosed ? undefined : work()))
      .catch((error: unknown) => this.#log.error({ reason: messageOf(error) }, 'a change could not be followed'));
  }

  #post(kind: 'source' | 'target', database: string, holder: string): Post {
    const { agency, connection, log } = { agency: this.agency, connection: this.#connection, log: this.#log };
    const post: Post = new Post({
      agency,
      kind,
      database,
      connection,
      holder,
      log,
      obey: (asked, signal) => {
        const { id, command, principal } = asked;
        log.info({ command, post: post.name, principal, id }, 'command received');
        const states = (): Record<string, FlowState> =>
          Object.fromEntries(Object.entries(this.states()).filter(([flow]) => isFlowOf(flow, post.name)));
        const parts = { ...this.#captureParts, seat: this.#seat, flows: this.#flows, entries: this.#policy.all(), post: post.name, states };
        return obeyPostCommand(asked, parts, signal);
      },
    });
    return post;
  }

  /** Every plan is made for one of the seat's databases. */
  #postOf(flow: string): Post {
    return this.#posts.find(({ name }) => isFlowOf(flow, name))!;
  }
}
