import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot } from '@truc/local-stack';

export interface DockerStage {
  readonly image: string;
  readonly name: string;
  readonly instructions: readonly { readonly word: string; readonly text: string }[];
}

/** The Dockerfile by its stages, each with its instructions in order. */
export function readDockerfile(text = readFileSync(join(checkoutRoot, 'Dockerfile'), 'utf8')): DockerStage[] {
  const lines = text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const stages: { image: string; name: string; instructions: { word: string; text: string }[] }[] = [];
  for (const line of lines) {
    const [, word = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (word === 'FROM') {
      const [, image = '', name = ''] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ image, name, instructions: [] });
    } else stages.at(-1)?.instructions.push({ word, text: rest });
  }
  return stages;
}

/** What a stage runs. */
export function commandsOf(stage: DockerStage | undefined): string[] {
  return (stage?.instructions ?? []).filter(({ word }) => word === 'RUN').map(({ text }) => text);
}
