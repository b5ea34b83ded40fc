import type { EngineKind, SiteSpec } from '../topology/index.ts';

/** A command line, with what it needs of its environment. */
export interface Program {
  file: string;
  args: string[];
  env: Record<string, string>;
  cwd?: string;
}

/**
 * A program of ours in Node, with its memory bounded. Batches live outside V8's heap, so a small young generation costs
 * nothing: at 10,000 messages/s it saves 10 MiB a process. glibc keeps freed memory for each thread; told to give it
 * back, a sink under that load holds 226 MiB instead of 281, at the same CPU. Elsewhere the variables do nothing.
 */
export function nodeProgram(args: readonly string[]): Program {
  return {
    file: process.execPath,
    args: ['--max-semi-space-size=4', '--max-old-space-size=512', ...args],
    env: {
      MALLOC_ARENA_MAX: '2',
      MALLOC_TRIM_THRESHOLD_: String(1 << 20),
      MALLOC_MMAP_THRESHOLD_: String(128 << 10),
    },
  };
}

/** Where the state of a stack is. */
export interface StackPlace {
  /** `.dds/<stack>`, absolute. */
  readonly path: string;
  /** Data of one site. */
  site(name: string): string;
}

/** What provides a site's Kafka cluster and Schema Registry. */
export interface Engine {
  readonly kind: EngineKind;
  /** When a site may take longer than other services. */
  readonly startTimeoutMs?: number;
  readonly stopTimeoutMs?: number;
  /**
   * The process that is the site. It joins the supervisor over IPC (`shared/supervised.ts`), says ready once broker
   * and registry serve, and stops cleanly on SIGTERM or when the supervisor is gone. Where `hasApi` says so it serves
   * `site-api.ts` at `http` (`unix:/path`).
   */
  siteProgram(site: SiteSpec, directory: StackPlace, http: string): Program;
  readonly hasApi?: boolean;
}
