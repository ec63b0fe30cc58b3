import { resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '@truc/kernel';
import { defaultPortBase, portsFrom } from '@truc/local-stack';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { javaCheck, nodeCheck, portsCheck } from '../doctor/machine-checks.js';
import { agentChecks, backboneChecks, contextCheck } from '../doctor/platform-checks.js';
import { serviceChecks } from '../doctor/service-checks.js';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { examples } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

interface DoctorOptions {
  readonly config?: string;
  readonly context?: string;
  readonly output: OutputFormat;
}

export function doctorCommand(surroundings: Surroundings): Command {
  return new Command('doctor')
    .description('what is wrong with a set-up, and the command that mends it')
    .option('--config <file>', 'configuration of a service or an agent: tries everybody that it talks to, with its own credentials')
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText('after', examples('truc doctor', 'truc doctor --config /etc/truc-agent/agent-node.json', 'truc doctor -o json'))
    .addHelpText(
      'after',
      `
Without --config it looks at this machine, at the backbone of the context and at its agents; with it, at what the service needs, from where it runs, and at the
backbone only where a context is named. Ends with 0 when nothing is wrong, 2 when something is. Changes nothing.
`,
    )
    .action(async (options: DoctorOptions) => {
      const diagnoses = await diagnosesOf(options, surroundings);
      surroundings.output.write(formatted(options.output, diagnoses, () => diagnosisLines(diagnoses)));
      surroundings.end(diagnoses.some(({ state }) => state === 'wrong') ? exitCode.found : exitCode.ok);
    });
}

async function diagnosesOf(
  { config, context: name }: DoctorOptions,
  { contextPlaces, environment = {} }: Surroundings,
): Promise<Diagnosis[]> {
  const machine = [nodeCheck(process.version)];
  const service = config === undefined ? [] : await serviceChecks(resolve(contextPlaces.workingDirectory, config), environment);
  if (config !== undefined && name === undefined) return [...machine, ...service];
  const { diagnosis, context } = contextCheck(contextPlaces, name);
  const backbone = context === null ? [] : await backboneChecks(context, systemClock);
  const isUp = backbone.some(({ check, state }) => check === 'platform' && state === 'ok');
  // Nobody can be asked for the agents of a platform that does not answer.
  const agents = context === null || !isUp ? [] : await agentChecks(context);
  const isLocal = context === null || /^https?:\/\/(127\.|localhost)/.test(context.platformUrl);
  const own = isLocal && !isUp ? [javaCheck(environment), await portsCheck(portsFrom(defaultPortBase))] : [javaCheck(environment)];
  return [...machine, ...own, ...service, diagnosis, ...backbone, ...agents];
}

const marks = { ok: 'ok   ', skipped: '-    ', wrong: 'WRONG' } as const;

function diagnosisLines(diagnoses: readonly Diagnosis[]): string[] {
  const width = Math.max(...diagnoses.map(({ check }) => check.length));
  const count = diagnoses.filter(({ state }) => state === 'wrong').length;
  return [
    ...diagnoses.flatMap((diagnosis) => [
      `${marks[diagnosis.state]} ${diagnosis.check.padEnd(width)}  ${diagnosis.what}`,
      ...(diagnosis.state === 'wrong' ? [`${' '.repeat(8 + width)}${diagnosis.mend}`] : []),
    ]),
    '',
    count === 0 ? 'nothing is wrong' : `${count} wrong; below each stands what mends it or shows more`,
  ];
}
