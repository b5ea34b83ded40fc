import type { SiteSpec } from '../topology/index.ts';

/** A command line, with what it needs of its environment. */
export interface Program {
  file: string;
  args: string[];
  env: Record<string, string>;
  cwd?: string;
}

/** What provides a site's Kafka cluster and Schema Registry. */
export interface Engine {
  readonly kind: 'embedded';
  /**
   * The process that is the site. It joins the supervisor over IPC (`shared/supervised.ts`), says ready once broker
   * and registry serve, and stops cleanly on SIGTERM or when the supervisor is gone.
   */
  siteProgram(site: SiteSpec, dataDirectory: string): Program;
}
