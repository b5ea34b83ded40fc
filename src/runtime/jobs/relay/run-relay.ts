import { Registry } from 'prom-client';
import { createLogger } from '../../../shared/logger.ts';
import type { AccessBySite } from '../../topology/read-access.ts';
import { runJob } from '../host/index.ts';
import { createRelay } from './relay.ts';
import { parseSources } from './source-spec.ts';
import type { RelayOptions, RelaySourceSpec } from './types.ts';

export interface RunRelayOptions
  extends Pick<
    RelayOptions,
    'site' | 'brokers' | 'topics' | 'exclude' | 'schemas' | 'name' | 'names' | 'delivery' | 'onError'
  > {
  registry: string;
  sources: readonly RelaySourceSpec[];
  /** How to get into the clusters of this site and of the sources. */
  access: AccessBySite;
  http?: string | undefined;
  logLevel: string;
}

export { parseSources };

/** Runs a relay as this process until the signal aborts. Throws DDS_USAGE, and DDS_FENCED when another does the same work. */
export async function runRelay(options: RunRelayOptions, signal: AbortSignal): Promise<void> {
  const { registry, sources, access, http, logLevel, ...relay } = options;
  const metrics = new Registry();
  const log = createLogger({ job: 'relay', site: relay.site }, logLevel);
  const job = createRelay({
    ...{ ...relay, metrics, log },
    registryUrl: registry,
    access: access[relay.site],
    sources: sources.map((source) => ({ ...source, access: access[source.site] })),
  });
  await runJob(job, { http, metrics, log, signal });
}
