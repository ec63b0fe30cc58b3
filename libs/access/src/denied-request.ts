/** A request that a broker refused, as its authorizer's log tells it. */
export interface DeniedRequest {
  /** SASL user, without Kafka's `User:`. */
  readonly principal: string;
  /** As Kafka spells it: `READ`, `WRITE`, `DESCRIBE`, `CLUSTER_ACTION`. */
  readonly operation: string;
  /** `topic`, `group`, `transactional-id`, `cluster`, or what else there is. */
  readonly resourceType: string;
  readonly resource: string;
  /** API that was called: `Produce`, `Fetch`. */
  readonly request: string;
}

/** As Kafka's StandardAuthorizer writes it, for requests that name what they want. */
const denial =
  /Principal = User:(\S{1,200}) is Denied operation = ([A-Z_]{1,40}) from host = \S+ on resource = ([A-Za-z]{1,40}):[A-Z]+:(\S{1,300}) for request = (\w{1,60})/;
/** Lines are of a broker; what is longer is none of these. */
const lineCharsMax = 4096;

/** Reads one line of a broker's log; null where it tells of no refusal. Linear in the line. */
export function deniedRequest(line: string): DeniedRequest | null {
  const [, principal, operation, type, resource, request] = denial.exec(line.slice(0, lineCharsMax)) ?? [];
  if (principal === undefined || operation === undefined || type === undefined || resource === undefined || request === undefined)
    return null;
  return { principal, operation, resourceType: resourceTypeOf(type), resource, request };
}

/** `TransactionalId` is `transactional-id` elsewhere in ours. */
function resourceTypeOf(type: string): string {
  return type.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
