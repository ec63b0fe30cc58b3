/** Where the shared test stack answers. Jest's global setup puts it, as JSON, into the environment variable TRUC_TEST_STACK. */
export interface StackCoordinates {
  /** Of the superuser, into the database `postgres`. */
  readonly postgresUrl: string;
  readonly kafka: {
    readonly brokers: readonly string[];
    readonly username: string;
    readonly password: string;
  };
}

/** @throws Error when the tests were started without a stack */
export function stackCoordinates(): StackCoordinates {
  const text = process.env.TRUC_TEST_STACK;
  if (text === undefined || text === '' || text === 'none') {
    throw new Error(
      'this test needs PostgreSQL or Kafka, and no test stack was started: run it through jest, without TRUC_TEST_STACK=none',
    );
  }
  return JSON.parse(text) as StackCoordinates;
}
