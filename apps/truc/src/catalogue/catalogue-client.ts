import type { PlatformClient } from '@truc/local-stack';

/** A document as it was applied. */
export interface DocumentView {
  readonly kind: string;
  readonly name: string;
  /** Whose it is; empty of a dictionary. */
  readonly agency: string;
  readonly revision: number;
  readonly appliedBy: string;
  readonly appliedAt: string;
  readonly body: object;
}

export interface PrincipalView {
  readonly name: string;
  readonly role: string;
  readonly agency: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
}

/** The catalogue's part of the platform's API: what the caller may read of it. Methods throw as PlatformClient.call does. */
export class CatalogueClient {
  readonly #platform: PlatformClient;

  constructor(platform: PlatformClient) {
    this.#platform = platform;
  }

  async documents(): Promise<readonly DocumentView[]> {
    return ((await this.#platform.call('GET', '/v1/documents')) as { documents: DocumentView[] }).documents;
  }

  async principals(): Promise<readonly PrincipalView[]> {
    return ((await this.#platform.call('GET', '/v1/principals')) as { principals: PrincipalView[] }).principals;
  }
}
