import { Flags } from '@oclif/core';

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
