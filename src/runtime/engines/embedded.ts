import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokerPorts } from '../topology/index.ts';
import { type Engine, nodeProgram } from './engine.ts';

/** What the entry of a site process is given, as JSON in its first argument. */
export interface EmbeddedSiteOptions {
  site: string;
  /** Directory of the broker's log; made when missing. */
  dataDir: string;
  host: string;
  /** Ports of each node. */
  nodes: { kafka: number; wan: number }[];
  registryPort: number;
  /** `unix:/path` of its own API. */
  http: string;
}

const entry = fileURLToPath(new URL(`./embedded-site${extname(import.meta.url)}`, import.meta.url));

/** Broker and registry of a site in one Node process, so that a site can be killed and paused like a real one. */
export const embeddedEngine: Engine = {
  kind: 'embedded',
  hasApi: true,
  siteProgram(site, directory, http) {
    const options: EmbeddedSiteOptions = {
      site: site.name,
      dataDir: join(directory.site(site.name), 'kafka'),
      host: '127.0.0.1',
      nodes: brokerPorts(site),
      registryPort: site.ports.registry,
      http,
    };
    return nodeProgram([entry, JSON.stringify(options)]);
  },
};
