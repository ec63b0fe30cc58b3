import { hasCode, httpAnswer, messageOf, refusePlainHttp, TrucError, type Clock, type HttpAnswer, type HttpLine } from '@truc/kernel';
import { PlatformClient } from '@truc/local-stack';
import { CatalogueClient } from '../catalogue/catalogue-client.js';
import { currentContext, findContextFile, type Context, type ContextPlaces } from '../context-file.js';
import { connectionFault, ok, placeOf, skipped, wrong, type Diagnosis } from './diagnosis.js';

/** Tokens and policies are judged by time; beyond this they are refused or come late for no reason that anybody sees. */
const skewMsMax = 30_000;
const answerMs = 5_000;
/** Of a list of all subjects. */
const answerBytesMax = 64 * 1024 * 1024;

/** The context that holds here, or why there is none. */
export function contextCheck(
  places: ContextPlaces,
  name: string | undefined,
): { readonly diagnosis: Diagnosis; readonly context: Context | null } {
  const path = findContextFile(places);
  try {
    const context = currentContext(path, name);
    return { diagnosis: ok('context', `${context.name}, of ${path}`), context };
  } catch (error) {
    const mend = hasCode(error, 'CONTEXT_UNREADABLE')
      ? `mv ${path} ${path}.broken && npx truc context add NAME --platform-url URL --token-file FILE`
      : hasCode(error, 'CONTEXT_UNKNOWN')
        ? 'npx truc context show'
        : 'npx truc context add NAME --platform-url URL --token-file FILE   # or npm start, for a backbone of your own';
    return { diagnosis: wrong('context', messageOf(error), mend), context: null };
  }
}

/** Platform, its clock, the token, and the registry, as the context names them. */
export async function backboneChecks(context: Context, clock: Clock): Promise<Diagnosis[]> {
  const { registryUrl, token } = context;
  return [...(await platformChecks(context, clock)), await registryCheck(registryUrl, token, null, context)];
}

async function platformChecks(context: Context, clock: Clock): Promise<Diagnosis[]> {
  const { platformUrl: url, token } = context;
  let response: HttpAnswer;
  try {
    response = await asked(`${url.replace(/\/$/, '')}/v1/status`, token, null, context);
  } catch (error) {
    return [connectionFault('platform', placeOf(url), error), skipped('clock', 'no answer to compare with'), skipped('token', 'no answer')];
  }
  const { status } = response;
  const reached = ok('platform', `${url} answers`);
  const time = clockCheck(response.headers.date ?? null, clock);
  if (status === 401) {
    const mend =
      'npx truc context add NAME --platform-url URL --token-file FILE   # with a token that the administrator makes: truc principal ensure';
    return [reached, time, wrong('token', 'the platform does not accept the token: it has run out, or its principal was removed', mend)];
  }
  if (status >= 500)
    return [wrong('platform', `${url} answers ${status}: it is not ready`, `curl ${url.replace(/\/$/, '')}/health/ready`), time];
  return [reached, time, ok('token', status === 403 ? 'it is accepted, for less than this' : 'it is accepted')];
}

/** @param date of the answer, to the second */
export function clockCheck(date: string | null, clock: Clock): Diagnosis {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return skipped('clock', 'the answer has no time to compare with');
  const skewMs = Math.abs(clock.now() - theirs);
  if (skewMs <= skewMsMax) return ok('clock', 'this machine and the platform have the same time');
  const seconds = Math.round(skewMs / 1000);
  return wrong('clock', `this machine and the platform are ${seconds} s apart`, 'timedatectl set-ntp true && timedatectl status');
}

/** @param credentials of whom; the token of a context is enough, as is name and token of a service */
export async function registryCheck(
  url: string,
  token: string | null,
  principal: string | null = null,
  line: HttpLine = {},
): Promise<Diagnosis> {
  const base = url.replace(/\/$/, '');
  try {
    const { status } = await asked(`${base}/subjects`, token, principal, line);
    if (status === 401)
      return wrong(
        'registry',
        `${url} does not accept the token`,
        `npx truc principal ensure ${principal ?? 'NAME'} --directory DIR   # as the administrator`,
      );
    if (status === 404)
      return wrong(
        'registry',
        `${url} is no schema registry`,
        'npx truc context add NAME --platform-url URL --registry-url URL --token-file FILE',
      );
    if (status >= 500) return wrong('registry', `${url} answers ${status}: it is not ready`, `curl ${base}/health/ready`);
    return ok('registry', `${url} answers`);
  } catch (error) {
    return connectionFault('registry', placeOf(url), error);
  }
}

async function asked(url: string, token: string | null, principal: string | null, { caFile, onOneMachine }: HttpLine): Promise<HttpAnswer> {
  refusePlainHttp(url, { onOneMachine }, 'the service', 'DOCTOR');
  const authorization = principal === null ? `Bearer ${token}` : `Basic ${Buffer.from(`${principal}:${token}`).toString('base64')}`;
  const headers: Record<string, string> = token === null ? {} : { authorization };
  const answer = await httpAnswer(url, { method: 'GET', headers, caFile, signal: AbortSignal.timeout(answerMs), answerBytesMax });
  if (answer.status < 300 || answer.status >= 400) return answer;
  throw new TrucError('DOCTOR_REDIRECTED', `${url} sends on to another address (${answer.status}); name the address that answers itself`);
}

/** Whether somebody answers for every agency that has a source or a contract: a slot whose agent has gone fills the disk of its source. */
export async function agentChecks({ platformUrl, token, caFile, onOneMachine }: Context): Promise<Diagnosis[]> {
  const platform = new PlatformClient(platformUrl, token, { caFile, onOneMachine });
  let agencies: string[];
  try {
    const documents = await new CatalogueClient(platform).documents();
    agencies = [...new Set(documents.flatMap(({ kind, agency }) => (kind === 'source' || kind === 'contract' ? [agency] : [])))].toSorted();
  } catch {
    // Said already, of platform or token.
    return [skipped('agents', 'the platform does not tell which there are')];
  }
  // An agency may have several nodes: those that answer say nothing of one that has gone.
  const { incidents = [] } = await platform.status().catch(() => ({ incidents: [] }));
  const gone = incidents.map(({ code, message }) =>
    wrong(code, message, 'systemctl restart truc-agent   # on the server of the agency; or: truc source remove, if it is not to come back'),
  );
  if (agencies.length === 0) return [...gone, skipped('agents', 'no source or contract was applied that your token may read')];
  return [...gone, ...(await Promise.all(agencies.map((agency) => agentCheck(platform, agency))))];
}

async function agentCheck(platform: PlatformClient, agency: string): Promise<Diagnosis> {
  const check = `agent ${agency}`;
  try {
    const { ok: isFine, message, detail } = await platform.command(agency, 'status', null, { timeoutMs: answerMs });
    const stopped = Object.entries(detail).find(([, state]) => (state as { kind?: unknown } | null)?.kind === 'stopped');
    if (stopped !== undefined) return wrong(check, `${stopped[0]} has stopped`, `npx truc agent status ${agency}`);
    return isFine ? ok(check, 'it answers') : wrong(check, message, `npx truc agent status ${agency}`);
  } catch (error) {
    if (hasCode(error, 'PLATFORM_AGENT_SILENT'))
      return wrong(
        check,
        'no agent answers: what its sources write is kept by their slots until it does',
        'systemctl restart truc-agent   # on the server of the agency',
      );
    if (error instanceof TrucError && !error.retry) return skipped(check, messageOf(error));
    return wrong(check, messageOf(error), `npx truc agent status ${agency}`);
  }
}
