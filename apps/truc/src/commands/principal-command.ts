import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { ensurePrincipals, kafkaPasswordFile, SecretsDirectory, tokenFile } from '@truc/local-stack';
import { exitCode } from '../exit-code.js';
import { examples } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface EnsureOptions {
  readonly role?: string;
  readonly agency: string | null;
  readonly directory: string;
  readonly context?: string;
}

/** Secrets are told once, so they go from the platform into files without passing a terminal. */
export function principalCommand(surroundings: Surroundings): Command {
  const principal = new Command('principal')
    .description('who may come in, over HTTP and at the brokers')
    .addHelpText('after', examples('truc principal ensure agent.g01 --role agent --agency G01 --directory secrets'));
  principal
    .command('ensure')
    .description('make a principal and write its credentials into files, unless they are there')
    .argument('<name>', 'as in agent.g01, or the name of a service')
    .option('--role <role>', 'default: the name, which is the role for services')
    .option('--agency <code>', 'of an agent or an integrator', (code) => code, null)
    .requiredOption('--directory <dir>', 'where the files are written, for their owner only: NAME.token and NAME.kafka-password')
    .option('--context <name>', 'a context other than the current one')
    .addHelpText(
      'after',
      examples(
        'truc principal ensure distributor --directory secrets',
        'truc principal ensure agent.g01 --role agent --agency G01 --directory secrets',
        'truc principal ensure an.nguyen --role integrator --agency G01 --directory secrets',
      ),
    )
    .addHelpText(
      'after',
      '\nWhere the files are missing and the principal is there, it is made anew: credentials that somebody else holds end.\n',
    )
    .action(async (name: string, { role = name, agency, directory, context }: EnsureOptions) => {
      const path = resolve(surroundings.contextPlaces.workingDirectory, directory);
      if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 });
      const secrets = new SecretsDirectory(path);
      const made = await ensurePrincipals(platformOfContext(surroundings.contextPlaces, context), secrets, [{ name, role, agency }]);
      const files = [tokenFile(name), kafkaPasswordFile(name)].map((file) => join(path, file)).join(' and ');
      surroundings.output.write(
        made === 0 ? `${name} has its credentials in ${files}\n` : `${name} was made; its credentials are in ${files}\n`,
      );
      surroundings.end(exitCode.ok);
    });
  return principal;
}
