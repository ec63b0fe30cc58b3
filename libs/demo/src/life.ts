import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { happen, type LifeEventKind } from './life-event.js';
import { seededRandom } from './random.js';
import type { World } from './world.js';

export interface LifeConnections {
  readonly populationUrl: string;
}

export interface LifeOptions {
  /** The same seed on the same database makes the same life. */
  readonly seed: number;
  /** Transactions a second; `Infinity` is as fast as the database is. */
  readonly eventsPerSecond: number;
  /** Ends after this many events; goes on until `signal` aborts if left out. */
  readonly events?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: LifeEvent) => void;
}

/** One committed event. Names no person. */
export interface LifeEvent {
  /** Counted in the database, over every run: 1 is the first since the load. */
  readonly number: number;
  readonly kind: LifeEventKind;
  /** Rows of `cong_dan` and `ho_gia_dinh` that it changed. */
  readonly rows: number;
}

/** How often each kind happens, of 1,000. */
const shares: readonly (readonly [LifeEventKind, number])[] = [
  ['move', 250],
  ['move-province', 90],
  ['birth', 190],
  ['death', 130],
  ['name-correction', 130],
  ['contact-change', 140],
  ['new-household', 55],
  ['mending', 15],
];

/** How far the working time goes on with every event. */
const secondsPerEvent = 7;

/** After the merger working time stops here, so that nothing is ever dated in the future. */
const lastWorkingDay = '2025-12-31';

/**
 * Lets people move, be born and die, one transaction after another. Where it stands (working time, number of events) is kept in the database and each event's
 * chances follow from its number, so a second start goes on where the first one stopped; it may be stopped at any moment.
 * @returns the number of events of this run
 */
export async function runLife(world: World, { populationUrl }: LifeConnections, options: LifeOptions): Promise<number> {
  const { signal, eventsPerSecond, onEvent, events = Infinity } = options;
  const client = new pg.Client({ connectionString: populationUrl, application_name: 'truc-demo-life' });
  // A server that goes away between two events is met by the next statement; as an event that nobody hears it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  // Dates come and go as text of the sessions's zone.
  await client.query(`SET timezone = 'Asia/Ho_Chi_Minh'`);
  let done = 0;
  try {
    const startedAt = performance.now();
    while (done < events && signal?.aborted !== true) {
      const event = await oneEvent(world, client, options.seed);
      done++;
      onEvent?.(event);
      // The pace is kept on the whole: after a slow event the next ones follow at once.
      const ahead = (done / eventsPerSecond) * 1000 - (performance.now() - startedAt);
      if (ahead > 1) await delay(ahead, undefined, { ...(signal ? { signal } : {}) }).catch(() => undefined);
    }
  } finally {
    await client.end();
  }
  return done;
}

async function oneEvent(world: World, client: pg.Client, seed: number): Promise<LifeEvent> {
  await client.query('BEGIN');
  try {
    const { number, at } = await nextWorkingTime(world, client);
    const random = seededRandom(seed, 'life', number);
    const { mergedOn, communesBefore, communesAfter, provincesBefore, provincesAfter } = world.division;
    const isMerged = at >= mergedOn;
    const kind = drawKind(random.between(0, 999));
    const scene = {
      world,
      client,
      random,
      at,
      communes: isMerged ? communesAfter : communesBefore,
      provinces: isMerged ? provincesAfter : provincesBefore,
    };
    const rows = await happen(kind, scene);
    await client.query('COMMIT');
    return { number, kind, rows };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Takes the next number and time. The rows stay locked until the event is committed, so lives and mergers that run at once take turns. */
async function nextWorkingTime({ division }: World, client: pg.Client): Promise<{ number: number; at: string }> {
  await client.query('SELECT FROM dancu.tham_so ORDER BY ten FOR UPDATE');
  const stored = await client.query<{ ten: string; gia_tri: string }>('SELECT ten, gia_tri FROM dancu.tham_so');
  const settings = new Map(stored.rows.map(({ ten, gia_tri }) => [ten, gia_tri]));
  const number = Number(settings.get('so_su_kien') ?? '0') + 1;
  const now = settings.get('thoi_diem_lam_viec') ?? '';
  const last = now < division.mergedOn ? division.lastDayBefore : lastWorkingDay;
  const next = await client.query<{ at: string }>(
    `UPDATE dancu.tham_so SET gia_tri = least(gia_tri::timestamptz + make_interval(secs => $1), $2::timestamptz)::text WHERE ten = 'thoi_diem_lam_viec' RETURNING gia_tri AS at`,
    [secondsPerEvent, `${last} 23:59:59+07`],
  );
  await client.query(`UPDATE dancu.tham_so SET gia_tri = $1 WHERE ten = 'so_su_kien'`, [String(number)]);
  return { number, at: next.rows[0]?.at ?? now };
}

function drawKind(draw: number): LifeEventKind {
  let until = 0;
  for (const [kind, share] of shares) {
    until += share;
    if (draw < until) return kind;
  }
  return 'contact-change';
}
