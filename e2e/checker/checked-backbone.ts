import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkoutRoot, checkPort, removeBackbone } from '@truc/local-stack';
import { accessOwn } from './backbone-access.js';
import { repeatCommand } from './command-line.js';
import { readLogEnds, type LogEnds } from './log-ends.js';
import { startOwnBackbone, type OwnBackbone } from './own-backbone.js';
import type { Plant } from './plant.js';
import { buildPlanted } from './planted-build.js';
import { runScenario } from './scenario-run.js';
import type { Scenario } from './scenario.js';
import type { Verdict } from './verdict.js';

/** A backbone that tests run one scenario after the other against. */
export interface CheckedBackbone {
  /** @param signal gives the run up */
  check(scenario: Scenario, quick: boolean, signal: AbortSignal): Promise<Verdict>;
  stop(): Promise<void>;
}

const residents = 500;
const seed = 42;
const startMs = 180_000;
/** Ports that follow the base, all of which must be free. */
const portsNeeded = 20;
const portBases = { first: 20_000, step: 50, count: 200 };

/**
 * @param name of the folder that holds everything, removed at the end; reports of runs that did not go as expected stay in `.truc/checker-reports`
 * @param plant built in; null: this checkout as it is
 */
export async function startCheckedBackbone(name: string, plant: Plant | null): Promise<CheckedBackbone> {
  const directory = join(checkoutRoot, '.truc', 'test', name);
  const data = join(directory, 'backbone');
  const reports = join(checkoutRoot, '.truc', 'checker-reports', name);
  const appsRoot = plant === null ? null : await buildPlanted(plant, join(checkoutRoot, '.truc', 'planted', name));
  const remove = (): void => {
    removeBackbone(data);
    rmSync(directory, { recursive: true, force: true });
    if (appsRoot !== null) rmSync(appsRoot, { recursive: true, force: true });
  };
  const late = new AbortController();
  const tooLong = setTimeout(() => late.abort(new Error(`the backbone did not start within ${startMs / 1_000} s`)), startMs);
  let own: OwnBackbone;
  try {
    own = await startOwnBackbone({
      directory: data,
      portBase: await freePortBase(),
      residents,
      seed,
      appsRoot,
      tell: () => undefined,
      signal: late.signal,
    });
  } catch (error) {
    remove();
    throw error;
  } finally {
    clearTimeout(tooLong);
  }
  const { backbone, proxies } = own;
  const access = accessOwn(backbone);
  let judged: LogEnds = new Map();
  return {
    check: async (scenario, quick, signal) => {
      const verdict = await runScenario({
        scenario,
        seed,
        quick,
        plant: plant?.name ?? null,
        repeat: repeatCommand({ scenario, seed, quick, plant, directory: null, residents }),
        backbone: access,
        own: backbone,
        proxies,
        directory: reports,
        judged,
        tell: () => undefined,
        signal,
      });
      // At rest, with nobody writing: the next run need not read again what this one has judged.
      judged = await readLogEnds(access.kafka, await access.policy());
      if (isAsExpected(verdict, plant)) rmSync(dirname(verdict.report), { recursive: true });
      else cpSync(join(data, 'logs'), join(dirname(verdict.report), 'logs'), { recursive: true });
      return verdict;
    },
    stop: async () => {
      await own.stop();
      remove();
      if (existsSync(reports) && readdirSync(reports).length === 0) rmSync(reports, { recursive: true });
    },
  };
}

function isAsExpected({ violations, invariants }: Verdict, plant: Plant | null): boolean {
  return plant === null ? violations.length === 0 : invariants[plant.caughtBy] === 'violated';
}

/** Somebody else may take one of the ports before we do; so many together are left alone in practice. */
async function freePortBase(): Promise<number> {
  const start = process.pid % portBases.count;
  for (let attempt = 0; attempt < portBases.count; attempt += 1) {
    const base = portBases.first + ((start + attempt) % portBases.count) * portBases.step;
    const ports = Array.from({ length: portsNeeded }, (_, index) => base + 1 + index);
    const free = await Promise.all(
      ports.map((port) =>
        checkPort(port, 'a test').then(
          () => true,
          () => false,
        ),
      ),
    );
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no ${portsNeeded} free ports in a row from ${portBases.first} on`);
}
