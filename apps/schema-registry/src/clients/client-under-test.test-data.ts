import type { KafkaConnection } from '@truc/kafka';

/** How a client says who it is. Paths are of PEM files. */
export type ClientCredentials =
  | { readonly form: 'basic'; readonly user: string; readonly password: string }
  | { readonly form: 'bearer'; readonly token: string }
  | { readonly form: 'certificate'; readonly certificateFile: string; readonly keyFile: string };
export type CredentialForm = ClientCredentials['form'];

export interface Reference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** What a client is asked to do, by its own means and in its usual way. */
export type Question =
  /** From here on it talks to this registry, as this caller. Answers nothing. */
  | { readonly do: 'connect'; readonly url: string; readonly caFile: string | null; readonly credentials: ClientCredentials }
  /** Answers `id`. */
  | { readonly do: 'register'; readonly subject: string; readonly schema: string; readonly references?: readonly Reference[] }
  /** Answers `schema`: its text. */
  | { readonly do: 'byId'; readonly id: number }
  /** Answers `id`, and `version` and `schema` where the client tells them. */
  | { readonly do: 'latest'; readonly subject: string }
  /** Answers `id`. */
  | { readonly do: 'lookUp'; readonly subject: string; readonly schema: string }
  /** Answers `compatible`. */
  | { readonly do: 'check'; readonly subject: string; readonly schema: string }
  /**
   * Serialises a value as a value of the topic by a schema that the serializer registers, sends it, registers `reader` as the topic's next schema where there is one, reads the topic from its beginning, and
   * deserialises by `reader`, else as it was written. Answers `value`, and the first bytes of the message in hexadecimal as `frame`.
   */
  | {
      readonly do: 'roundTrip';
      readonly kafka: Pick<KafkaConnection, 'brokers' | 'username' | 'password' | 'mechanism'>;
      readonly topic: string;
      readonly writer: string;
      readonly references?: readonly Reference[];
      readonly value: unknown;
      readonly reader: string | null;
    }
  /** Deletes softly, then for good. Answers `versions` of both. */
  | { readonly do: 'delete'; readonly subject: string };

export type Ability = Question['do'];

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are judged by what they hold
export type ClientAnswer = any;

/** What went wrong, as the client told it. */
export class ClientError extends Error {
  constructor(
    /** Class of the client's error. */
    readonly kind: string,
    /** Of HTTP; null where the error does not tell it. */
    readonly status: number | null,
    /** Of the registry; null where the error does not tell it. */
    readonly code: number | null,
    message: string,
  ) {
    super(message);
  }
}

export interface ClientUnderTest {
  /** @throws ClientError */
  ask(question: Question): Promise<ClientAnswer>;
  close(): Promise<void>;
}
