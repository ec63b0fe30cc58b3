import {
  addPartitionsToTxnV3,
  describeTransactionsV0,
  endTxnV3,
  findCoordinatorV4,
  initProducerIdV4,
  type Connection,
} from '@platformatic/kafka';
import { TrucError, type Clock } from '@truc/kernel';
import { Attempts } from './attempt.js';
import { isConnectionLoss, type BrokerConnections } from './broker-connections.js';
import { groupByTopic, type TopicPartition } from './cluster-metadata.js';
import type { BrokerAddress } from './kafka-connection.js';
import { answerOf, isFenced, isNotAuthorized, isTransient, notAuthorized, protocolCode, protocolCodeName } from './protocol-error.js';
import type { ProducerIdentity } from './record-batch.js';

const COORDINATOR_OF_TRANSACTIONS = 1;
/** The last epoch that a coordinator hands out; the next request for one starts again at 0 under another producer id. */
const LAST_EPOCH = 32_766;

export interface TransactionalIdOptions {
  readonly name: string;
  readonly connections: BrokerConnections;
  readonly clock: Clock;
  /** Longest time that one step may take with all its repetitions. The coordinator gives up an open transaction after twice as long. */
  readonly stepMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The name under which one writer at a time may write. No data is ever part of a transaction; the transactions are empty and serve as markers.
 *
 * Why InitProducerId alone does not fence, and what the marker closes:
 *
 * 1. Writer A holds the name with (producer id 7, epoch 4), has batches in flight and is stopped (SIGSTOP, a long pause, a cut line).
 * 2. Writer B takes the name: the coordinator raises it to (7, 5). That is the coordinator's knowledge; no partition leader has heard of epoch 5.
 * 3. B reads to the end of the log to learn the highest position that was ever sent, finds A's last acknowledged record, and would begin to write.
 * 4. A goes on: its batch of epoch 4 reaches a leader that knows epoch 4 as the latest, and is accepted. On a partition that B has not written to yet
 *    this can happen at any later time: an older event lands behind a newer one, and compaction keeps the older.
 *
 * So between 2 and 3 B adds all its partitions to a transaction and aborts it. The coordinator writes an abort marker of epoch 5 to every one of these
 * partitions; the leader that appends it knows epoch 5 from then on and refuses epoch 4 (INVALID_PRODUCER_EPOCH), on this leader and on those that
 * replicate from it. EndTxn is answered before the markers are written, therefore B waits until the coordinator calls the transaction complete.
 * What A got in before the marker stands before it in the log, where B's reading to the end finds it; nothing of A can land behind it.
 */
export class TransactionalId {
  readonly #options: TransactionalIdOptions;
  #coordinator: BrokerAddress | null = null;

  constructor(options: TransactionalIdOptions) {
    this.#options = options;
  }

  /**
   * Takes the name, or renews it where `held` is given, and marks the partitions.
   * A renewal names what it holds: a writer that was fenced meanwhile is refused instead of taking the name back from its successor.
   * @throws TrucError LOG_FENCED, LOG_NOT_AUTHORIZED, LOG_WRITER_NOT_OPENED (retry), LOG_UNREACHABLE (retry)
   */
  async take(partitions: readonly TopicPartition[], held?: ProducerIdentity): Promise<ProducerIdentity> {
    const taken = await this.#initProducerId(held);
    const identity = taken.producerEpoch >= LAST_EPOCH ? await this.#retire(taken, partitions) : taken;
    await this.mark(identity, partitions);
    return identity;
  }

  /** Writes this epoch's marker to the partitions; from its return on their leaders refuse every earlier epoch. @throws TrucError as `take` */
  async mark(identity: ProducerIdentity, partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    await this.#addPartitions(identity, partitions);
    await this.#call('EndTxn', 'WRITE', async (connection) => {
      const { producerId, producerEpoch } = identity;
      return (await answerOf(endTxnV3.api.async(connection, this.#options.name, producerId, producerEpoch, false))).errorCode;
    });
    await this.#markersWritten(identity);
  }

  async #initProducerId(held?: ProducerIdentity): Promise<ProducerIdentity> {
    let identity: ProducerIdentity | null = null;
    await this.#call('InitProducerId', 'WRITE', async (connection) => {
      const answer = await answerOf(
        initProducerIdV4.api.async(connection, this.#options.name, this.#options.stepMs * 2, held?.producerId, held?.producerEpoch),
      );
      identity = { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
      return answer.errorCode;
    });
    return identity!;
  }

  /**
   * The epochs of this producer id are used up. The next one starts at 0 under another producer id, whose marker would not fence the holder of this one.
   * InitProducerId during an open transaction makes the coordinator abort it with the one epoch that it keeps for this purpose, which fences this producer id for good.
   */
  async #retire(identity: ProducerIdentity, partitions: readonly TopicPartition[]): Promise<ProducerIdentity> {
    if (partitions.length > 0) await this.#addPartitions(identity, partitions);
    return this.#initProducerId();
  }

  async #addPartitions({ producerId, producerEpoch }: ProducerIdentity, partitions: readonly TopicPartition[]): Promise<void> {
    const topics = [...groupByTopic(partitions)].map(([name, list]) => ({ name, partitions: list }));
    const transaction = { transactionalId: this.#options.name, producerId, producerEpoch, verifyOnly: false, topics };
    await this.#call('AddPartitionsToTxn', 'WRITE', async (connection) => {
      const answer = await answerOf(addPartitionsToTxnV3.api.async(connection, [transaction]));
      const results = answer.resultsByTransaction.flatMap(({ topicResults }) =>
        topicResults.flatMap(({ name, resultsByPartition }) =>
          resultsByPartition.map((result) => ({ name, code: result.partitionErrorCode })),
        ),
      );
      // One refused partition leaves the others "not attempted": what matters is why that one was refused.
      const refused = results.find(({ code }) => code !== protocolCode.none && code !== protocolCode.operationNotAttempted);
      if (refused?.code === protocolCode.topicAuthorizationFailed) {
        throw notAuthorized(this.#options.connections.username, `topic ${refused.name}`, 'WRITE');
      }
      return refused?.code ?? protocolCode.none;
    });
  }

  async #markersWritten(identity: ProducerIdentity): Promise<void> {
    await this.#call('DescribeTransactions', 'DESCRIBE', async (connection) => {
      const answer = await answerOf(describeTransactionsV0.api.async(connection, [this.#options.name]));
      const state = answer.transactionStates[0];
      if (!state) return protocolCode.coordinatorNotAvailable;
      if (state.errorCode !== protocolCode.none) return state.errorCode;
      if (state.producerId !== identity.producerId || state.producerEpoch !== identity.producerEpoch) return protocolCode.producerFenced;
      const complete = ['CompleteAbort', 'COMPLETE_ABORT', 'Empty', 'EMPTY'].includes(state.transactionState);
      return complete ? protocolCode.none : protocolCode.concurrentTransactions;
    });
  }

  /** Runs one step against the coordinator until it succeeds or cannot. `step` returns the error code of the answer. */
  async #call(step: string, need: string, run: (connection: Connection) => Promise<number>): Promise<void> {
    const { name, clock, stepMs, signal, connections } = this.#options;
    const attempts = new Attempts(clock, { limitMs: stepMs, firstMs: 5, mostMs: 500, signal });
    for (;;) {
      const { code, cause } = await this.#try(run);
      if (code === protocolCode.none) return;
      if (isFenced(code)) throw fenced(name);
      if (isNotAuthorized(code)) throw notAuthorized(connections.username, `transactional id ${name}`, need);
      if (!isTransient(code)) throw notOpened(name, step, code, false, cause);
      if (attempts.over) throw notOpened(name, step, code, true, cause);
      if (code !== protocolCode.concurrentTransactions) this.#coordinator = null;
      await attempts.pause();
    }
  }

  async #try(run: (connection: Connection) => Promise<number>): Promise<{ code: number; cause?: unknown }> {
    try {
      if (this.#coordinator === null) {
        const code = await this.#findCoordinator();
        if (code !== protocolCode.none) return { code };
      }
      return { code: await run(await this.#options.connections.get(this.#coordinator!)) };
    } catch (cause) {
      // An unanswered step may have been carried out; each of them may be repeated.
      if (isConnectionLoss(cause)) return { code: protocolCode.networkException, cause };
      throw cause;
    }
  }

  async #findCoordinator(): Promise<number> {
    const { connections, name } = this.#options;
    const answer = await answerOf(findCoordinatorV4.api.async(await connections.any(), COORDINATOR_OF_TRANSACTIONS, [name]));
    const found = answer.coordinators[0];
    if (!found) return protocolCode.coordinatorNotAvailable;
    if (found.errorCode === protocolCode.none) this.#coordinator = { host: found.host, port: found.port };
    return found.errorCode;
  }
}

/** The error of a writer whose name was taken over. */
export function fenced(name: string): TrucError {
  return new TrucError(
    'LOG_FENCED',
    `another process has taken over the transactional id ${name}; this one may write no more. Two processes run under one identity, or this one was thought dead: stop one of them.`,
  );
}

function notOpened(name: string, step: string, code: number, retry: boolean, cause: unknown): TrucError {
  return new TrucError(
    'LOG_WRITER_NOT_OPENED',
    `the transactional id ${name} could not be taken: ${step} was answered with ${protocolCodeName(code)}${retry ? ' until the time for it was over' : ''}`,
    { retry, cause },
  );
}
