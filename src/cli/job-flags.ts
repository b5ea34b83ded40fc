import { Flags } from '@oclif/core';
import { DdsError } from '../errors/index.ts';
import type { AccessBySite } from '../runtime/topology/read-access.ts';

/** Flags of every `dds run …` command; the supervisor passes them, a container uses the environment. */
export const jobFlags = {
  site: Flags.string({ description: 'name of the site the job runs at', env: 'DDS_SITE', required: true }),
  brokers: Flags.string({
    description: 'Kafka brokers of the site, host:port, separated by commas',
    env: 'DDS_BROKERS',
    required: true,
  }),
  registry: Flags.string({
    description: 'URL of the Schema Registry of the site',
    env: 'DDS_REGISTRY',
    required: true,
  }),
  access: Flags.string({
    description:
      'file that says how to get into the clusters (TLS, SASL, registry), by site; names secrets, holds none',
    helpValue: 'FILE',
    env: 'DDS_ACCESS',
  }),
  http: Flags.string({
    description: 'where to serve /metrics, /healthz and /info: 127.0.0.1:9400 or unix:/path',
    env: 'DDS_HTTP',
  }),
  'log-level': Flags.option({
    description: 'least severe log lines to write',
    env: 'DDS_LOG_LEVEL',
    options: ['debug', 'info', 'warn', 'error'] as const,
    default: 'info',
  })(),
};

/** How to get into the clusters of these sites, by their names. Throws what readAccess throws; DDS_USAGE when it names none of them. */
export async function accessBySite(
  access: string | undefined,
  cwd: string,
  sites: readonly string[],
): Promise<AccessBySite> {
  if (!access) return {};
  const { readAccess } = await import('../runtime/topology/read-access.ts');
  const bySite = await readAccess(access, cwd);
  if (sites.some((site) => site in bySite)) return bySite;
  throw new DdsError('DDS_USAGE', `--access says nothing of ${sites.join(' or ')}`, {
    hint: `It names ${Object.keys(bySite).join(', ') || 'no site'}.`,
  });
}

/** Which topics a job reads. */
export const topicFlags = {
  topics: Flags.string({
    description: 'topics to read: names, globs or /regex/, separated by commas',
    env: 'DDS_TOPICS',
    default: '*',
  }),
  exclude: Flags.string({
    description: 'topics to leave out: names, globs or /regex/, separated by commas',
    env: 'DDS_EXCLUDE',
    default: '',
  }),
};

/** `a, b` → `['a', 'b']`. */
export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
