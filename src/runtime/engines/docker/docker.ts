import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SiteSpec } from '../../topology/index.ts';
import { type Engine, nodeProgram } from '../engine.ts';
import { type DockerStack, dockerStack } from './docker-stack.ts';

/** What the entry of a docker site's process is given, as JSON in its first argument. */
export interface DockerSiteOptions {
  site: SiteSpec;
  stack: DockerStack;
}

const entry = fileURLToPath(new URL(`./docker-site${extname(import.meta.url)}`, import.meta.url));

/** Containers of Kafka, a Schema Registry and Cassandra, with a process for each site that watches over them. */
export const dockerEngine: Engine = {
  kind: 'docker',
  // Three brokers, a registry and a database on two cores; pulling has been done before.
  startTimeoutMs: 300_000,
  stopTimeoutMs: 40_000,
  siteProgram(site, { path }) {
    // Topics are none of its business: a new one must not make new containers.
    const options: DockerSiteOptions = { site: { ...site, topics: [] }, stack: dockerStack(path) };
    return nodeProgram([entry, JSON.stringify(options)]);
  },
};
