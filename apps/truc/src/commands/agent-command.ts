import { Command } from 'commander';
import type { AgentAnswer } from '@truc/local-stack';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, tableLines, type OutputFormat } from '../output-format.js';
import { examples } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

const verbs = [
  {
    verb: 'pause',
    what: 'stop reading the sources of an agency until resumed, or until its agent starts anew; nothing is lost, its slots keep what is written meanwhile',
  },
  { verb: 'resume', what: 'read on from where it was paused, and try again the datasets that are stopped' },
  { verb: 'status', what: "the state of everything that the agency's agent runs" },
] as const;

interface AgentOptions {
  readonly source?: string;
  readonly output: OutputFormat;
}

export function agentCommand(surroundings: Surroundings): Command {
  const agent = new Command('agent')
    .description('commands to the agent of an agency')
    .addHelpText('after', examples('truc agent status G01'));
  for (const { verb, what } of verbs) {
    agent
      .command(verb)
      .description(what)
      .argument('<agency>', 'agency code, as in G01 or G12.34')
      .option('--source <database>', 'one source of the agency (default: all of them)')
      .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
      .addHelpText('after', examples(`truc agent ${verb} G01`, `truc agent ${verb} G01 --source population -o json`))
      .action(async (agency: string, { source, output }: AgentOptions) => {
        const answer = await platformOfContext(surroundings.contextPlaces).command(agency, verb, source ?? null);
        showAnswer(surroundings, answer, output);
      });
  }
  agent.addCommand(resolveCommand(surroundings));
  return agent;
}

/** What an agent looks through before it answers may be a whole topic. */
const resolveTimeoutMs = 60_000;

interface ResolveOptions {
  readonly gap: string;
  readonly reason: string;
  readonly dataset?: string;
  readonly output: OutputFormat;
}

function resolveCommand(surroundings: Surroundings): Command {
  return new Command('resolve')
    .description(
      'end a gap in the capture of a source: a new epoch, with a snapshot of every table and a new slot; or that of one dataset, with a snapshot of its table',
    )
    .argument('<agency>', 'agency code, as in G01 or G12.34')
    .argument('<source>', "the source's database")
    .requiredOption('--gap <code>', 'code of the gap, as `truc agent status` shows it')
    .requiredOption('--reason <text>', 'why it is resolved, for the audit; no personal data')
    .option('--dataset <name>', 'the dataset whose gap it is, or which is stopped with this code: what is kept for it is given up')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText(
      'after',
      examples(
        'truc agent resolve G01 population --gap CAPTURE_SLOT_MISSING --reason "slot dropped by mistake, incident 17"',
        'truc agent resolve G01 population --dataset population.resident --gap CAPTURE_HOLD_EXCEEDED --reason "incident 18"',
      ),
    )
    .action(async (agency: string, source: string, { gap, reason, dataset, output }: ResolveOptions) => {
      const more = { resolution: { gap, reason, ...(dataset === undefined ? {} : { dataset }) }, timeoutMs: resolveTimeoutMs };
      const answer = await platformOfContext(surroundings.contextPlaces).command(agency, 'resolve', source, more);
      showAnswer(surroundings, answer, output);
    });
}

function showAnswer(surroundings: Surroundings, answer: AgentAnswer, output: OutputFormat): void {
  const stream = answer.ok ? surroundings.output : surroundings.errors;
  stream.write(formatted(output, answer, () => answerLines(answer)));
  surroundings.end(answer.ok ? exitCode.ok : exitCode.failed);
}

function answerLines({ message, detail }: AgentAnswer): string[] {
  const rows = Object.entries(detail).map(([flow, state]) => {
    const { kind, ...more } = (state ?? {}) as { kind?: unknown };
    const facts = Object.entries(more).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
    return [flow, String(kind ?? JSON.stringify(state)), facts.join('; ')];
  });
  return rows.length === 0 ? [message] : [...(message === 'status' ? [] : [message, '']), ...tableLines(['flow', 'state', ''], rows)];
}
