import type { EnvironmentResult } from '../runtime/stack/environment.ts';
import { shellQuoted } from '../shared/shell-quoted.ts';

export const environmentFormats = ['shell', 'dotenv', 'json', 'kcat', 'properties'] as const;
export type EnvironmentFormat = (typeof environmentFormats)[number];

/** The same facts as each program wants them. Ends with a line feed. */
export function environmentText({ variables }: EnvironmentResult, format: EnvironmentFormat): string {
  const { DDS_BROKERS = '', DDS_REGISTRY = '' } = variables;
  const each = (line: (name: string, value: string) => string) =>
    Object.entries(variables).map(([name, value]) => line(name, value));
  const lines = {
    shell: () => each((name, value) => `export ${name}=${shellQuoted(value)}`),
    dotenv: () => each((name, value) => `${name}=${dotenvQuoted(value)}`),
    json: () => [JSON.stringify(variables, null, 2)],
    // kcat takes the registry from its flag -r only.
    kcat: () => [`metadata.broker.list=${DDS_BROKERS}`, `# kcat -F FILE -r ${DDS_REGISTRY} -s value=avro …`],
    properties: () => [
      `bootstrap.servers=${propertyValue(DDS_BROKERS)}`,
      `schema.registry.url=${propertyValue(DDS_REGISTRY)}`,
    ],
  }[format]();
  return `${lines.join('\n')}\n`;
}

/** Single quotes keep everything as it is; only a value that has one itself needs double quotes. */
function dotenvQuoted(value: string): string {
  if (/^[\w./:,@%+=-]*$/.test(value)) return value;
  return value.includes("'") ? `"${value.replaceAll(/["\\$`]/g, '\\$&')}"` : `'${value}'`;
}

const propertyValue = (value: string) => value.replaceAll('\\', '\\\\');
