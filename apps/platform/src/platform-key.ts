import type { TokenKeyFile } from '@truc/coordination-store';

/** What signs tokens, and for how long they are good. */
export class PlatformKey {
  readonly privateJwk: TokenKeyFile['privateJwk'];
  readonly tokenDays: number;

  constructor({ privateJwk }: TokenKeyFile, tokenDays: number) {
    this.privateJwk = privateJwk;
    this.tokenDays = tokenDays;
  }
}
