import { DdsError } from '../../../errors/index.ts';
import type { SiteAccess } from '../../../shared/access.ts';

/** Where a service runs, from the variables that `dds up` gives a job. */
export interface ServiceSettings {
  /** `DDS_SITE`; default `local`. */
  readonly site: string;
  /** `DDS_BROKERS`: `host:port`, separated by commas. */
  readonly brokers: readonly string[];
  /** `DDS_REGISTRY`: URL of the Schema Registry. */
  readonly registry: string;
  /** `DDS_ACCESS`: how to get into both where an address is not enough. */
  readonly access?: SiteAccess | undefined;
  /** `DDS_HTTP`: where `/healthz` and `/metrics` are served, `127.0.0.1:8080`; without it, nowhere. */
  readonly http: string | undefined;
  /** `DDS_LOG_LEVEL`: debug, info, warn or error; default info. */
  readonly logLevel: string;
}

const levels = ['debug', 'info', 'warn', 'error'];

/** Reads the settings. Throws DDS_USAGE that names the variable. */
export function readSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): ServiceSettings {
  const registry = required(env, 'DDS_REGISTRY');
  if (!URL.canParse(registry)) throw wrong('DDS_REGISTRY', registry, 'a URL such as http://127.0.0.1:8081');
  const brokers = required(env, 'DDS_BROKERS')
    .split(',')
    .map((broker) => broker.trim());
  const odd = brokers.find((broker) => !/^.+:\d{1,5}$/.test(broker));
  if (odd !== undefined) throw wrong('DDS_BROKERS', odd, 'host:port, as in 127.0.0.1:9092');
  const logLevel = env.DDS_LOG_LEVEL || 'info';
  if (!levels.includes(logLevel)) throw wrong('DDS_LOG_LEVEL', logLevel, levels.join(', '));
  return { site: env.DDS_SITE || 'local', brokers, registry, http: env.DDS_HTTP || undefined, logLevel };
}

/** The same, with what DDS_ACCESS says of the site. Throws what readAccess throws. */
export async function readAllSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ServiceSettings> {
  const settings = readSettings(env);
  if (!env.DDS_ACCESS) return settings;
  const { readAccess } = await import('../../topology/read-access.ts');
  return { ...settings, access: (await readAccess(env.DDS_ACCESS, process.cwd()))[settings.site] };
}

function required(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new DdsError('DDS_USAGE', `${name} is not set`, {
    hint: 'As a job of dds.yaml it is; else put it into the environment or into .env. dds env prints the values of a stack.',
  });
}

const wrong = (name: string, value: string, expected: string) =>
  new DdsError('DDS_USAGE', `${name} is "${value}"; expected ${expected}`, {
    hint: 'Correct it in the environment or in .env.',
  });
