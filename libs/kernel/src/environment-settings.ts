import { z } from 'zod';
import { Secret } from './secret.js';
import { TrucError } from './truc-error.js';

/** Two underscores, so that `kafka.brokers` and `kafkaBrokers` differ, and that nothing which an orchestrator puts into an environment by itself is taken for ours. */
const separator = '__';
const prefix = 'TRUC';

/** How the text of a variable becomes the value of its setting. */
type SettingForm = 'text' | 'number' | 'boolean' | 'list' | 'secret' | 'json';

/** One setting of a service and the name under which its environment may give it: `kafka.brokers` is `TRUC__KAFKA__BROKERS`. */
export interface EnvironmentSetting {
  readonly name: string;
  readonly path: readonly string[];
  readonly form: SettingForm;
  /** True where the service does not start without it. A part of something optional is not. */
  readonly isRequired: boolean;
}

/**
 * Every variable that a service takes, derived from the schema of its configuration, so that there is no second list of them. What is not an object of named settings is one
 * variable: texts, numbers and booleans as they are, lists of texts separated by commas, everything else (the seats of an agent node) as JSON, in which secrets are
 * references as in a file. A secret has two names: `TRUC__DATABASE_URL` holds it, `TRUC__DATABASE_URL__FILE` names a file that does.
 */
export function environmentSettings(schema: z.ZodType): EnvironmentSetting[] {
  return settingsOf(schema, [], true);
}

/** Names of all variables in `environment` that are meant for a service of ours. */
export function serviceVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(environment).filter((name) => name.startsWith(`${prefix}${separator}`) && environment[name] !== '');
}

/**
 * Lays what the environment says over a configuration as a file holds it; an empty variable says nothing.
 * @throws TrucError CONFIGURATION_INVALID for variables that the service does not know or whose text is of another form, all at once and without their values
 */
export function withEnvironment(schema: z.ZodType, raw: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  const known = new Map(environmentSettings(schema).flatMap((setting) => namesOf(setting).map((name) => [name, setting] as const)));
  const problems: string[] = [];
  let value = raw;
  for (const name of serviceVariables(environment).toSorted()) {
    const setting = known.get(name);
    if (setting === undefined) {
      problems.push(`  ${name}: there is no such setting; there are ${[...known.keys()].join(', ')}`);
      continue;
    }
    try {
      value = withValue(value, setting.path, valueOf(setting, name, environment[name] ?? ''));
    } catch {
      problems.push(`  ${name}: not ${formText[setting.form]}`);
    }
  }
  if (problems.length > 0) throw new TrucError('CONFIGURATION_INVALID', `the environment is not valid:\n${problems.join('\n')}`);
  return value;
}

const fileSuffix = `${separator}FILE`;

const formText: Readonly<Record<SettingForm, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list of texts',
  secret: 'a secret',
  json: 'valid JSON',
};

function namesOf({ name, form }: EnvironmentSetting): string[] {
  return form === 'secret' ? [name, `${name}${fileSuffix}`] : [name];
}

function settingsOf(schema: z.ZodType, path: readonly string[], isRequired: boolean): EnvironmentSetting[] {
  const { inner, isOptional } = unwrapped(schema);
  const needed = isRequired && !isOptional;
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([name, part]) => settingsOf(part as z.ZodType, [...path, name], needed));
  }
  const name = [prefix, ...path.map(variablePart)].join(separator);
  return [{ name, path, form: formOf(inner), isRequired: needed }];
}

/** `otlpEndpoint` is `OTLP_ENDPOINT`. */
function variablePart(setting: string): string {
  return setting.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();
}

function unwrapped(schema: z.ZodType): { readonly inner: z.ZodType; readonly isOptional: boolean } {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return { ...unwrapped(schema.unwrap() as z.ZodType), isOptional: true };
  if (schema instanceof z.ZodNullable) return unwrapped(schema.unwrap() as z.ZodType);
  return { inner: schema, isOptional: false };
}

function formOf(schema: z.ZodType): SettingForm {
  if (isSecret(schema)) return 'secret';
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodArray && isText(schema.element as z.ZodType)) return 'list';
  return isText(schema) ? 'text' : 'json';
}

function isText(schema: z.ZodType): boolean {
  return schema instanceof z.ZodString || schema instanceof z.ZodStringFormat || schema instanceof z.ZodEnum;
}

/** A secret alone, or one that may also be given as text. Asked of the schema itself, whichever checks were added to it. */
function isSecret(schema: z.ZodType): boolean {
  const options = schema instanceof z.ZodUnion ? (schema.options as readonly z.ZodType[]) : [schema];
  return options.some((option) => option instanceof z.ZodCustom && option.safeParse(new Secret('')).success);
}

function valueOf({ form }: EnvironmentSetting, name: string, text: string): unknown {
  switch (form) {
    case 'text':
      return text;
    case 'number':
      if (text.trim() === '' || !Number.isFinite(Number(text))) throw new Error('not a number');
      return Number(text);
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw new Error('not a boolean');
      return text === 'true';
    case 'list':
      return text.split(',').map((item) => item.trim());
    case 'secret':
      return name.endsWith(fileSuffix) ? { file: text } : new Secret(text);
    case 'json':
      return JSON.parse(text);
  }
}

function withValue(value: unknown, [name, ...rest]: readonly string[], wanted: unknown): unknown {
  if (name === undefined) return wanted;
  const object = value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  return { ...object, [name]: withValue(object[name], rest, wanted) };
}
