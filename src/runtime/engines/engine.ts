import type { SiteSpec } from '../topology/index.ts';

/** A command line, with what it needs of its environment. */
export interface Program {
  file: string;
  args: string[];
  env: Record<string, string>;
  cwd?: string;
}

/**
 * Bounds the memory of a service. Batches live outside V8's heap, so a small young generation costs nothing: at
 * 10,000 messages/s it saves 10 MiB a process.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=4', '--max-old-space-size=512'];

/** What provides a site's Kafka cluster and Schema Registry. */
export interface Engine {
  readonly kind: 'embedded';
  /**
   * The process that is the site. It joins the supervisor over IPC (`shared/supervised.ts`), says ready once broker
   * and registry serve, and stops cleanly on SIGTERM or when the supervisor is gone.
   */
  siteProgram(site: SiteSpec, dataDirectory: string): Program;
}
