import type { Socket } from 'node:net';
import type { LineConditions } from './tcp-proxy.js';
import { LineDirection } from './line-direction.js';

/** One client's connection and the one that it is passed on by. Both end together. */
export class ProxiedConnection {
  readonly #sockets: readonly Socket[];
  readonly #directions: readonly LineDirection[];
  #isOver = false;

  /** @param far null in a black hole: the client is taken and heard by nobody */
  constructor(near: Socket, far: Socket | null, conditions: LineConditions, onEnd: () => void) {
    this.#sockets = far === null ? [near] : [near, far];
    this.#directions = far === null ? [] : [new LineDirection(near, far, conditions), new LineDirection(far, near, conditions)];
    if (far === null) near.resume();
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => this.reset());
      socket.once('close', () => {
        if (this.#sockets.every(({ closed }) => closed)) onEnd();
        // One that ended well has sent its end along the line; the other side then ends by itself.
        else if (socket.errored !== null || !socket.readableEnded) this.reset();
      });
    }
  }

  set(conditions: LineConditions): void {
    for (const direction of this.#directions) direction.set(conditions);
  }

  reset(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const direction of this.#directions) direction.stop();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
