import { DdsError } from '../../errors/index.ts';
import { createLogger, type Logger } from '../../shared/logger.ts';
import type { Service } from '../../shared/service.ts';
import { attachSupervisor } from '../../shared/supervised.ts';

/** What a site consists of. */
export interface SitePart extends Service {
  /** In place of `stop()` when the supervisor is gone: what the next one can take over stays as it is. */
  leave?(): Promise<void>;
}

export interface SiteParts {
  /** By name, in the order in which they start; they stop in the opposite one. */
  [part: string]: SitePart;
}

export interface SiteSurroundings {
  log: Logger;
  /** Tells whoever waits for the site what it is at. */
  note(message: string): void;
}

/** The life of a site process: starts its parts, serves until SIGTERM or until the supervisor is gone, stops them. */
export async function runSiteProcess(
  site: string,
  make: (surroundings: SiteSurroundings) => Promise<SiteParts>,
): Promise<void> {
  const log = createLogger({ service: `${site}/site` }, process.env.DDS_LOG_LEVEL ?? 'info');
  const stopping = new AbortController();
  /** Registered before they start. */
  const running = new Map<string, SitePart>();
  const info = () => Object.fromEntries([...running].map(([part, service]) => [part, service.info()]));
  const supervised = attachSupervisor({ info, onOrphaned: () => stop('the supervisor is gone', true) });

  async function stopAll(orphaned: boolean): Promise<void> {
    for (const part of [...running.values()].reverse()) {
      const stopped = orphaned && part.leave ? part.leave() : part.stop();
      await stopped.catch((error: unknown) => log.error({ err: String(error) }, 'stop failed'));
    }
  }
  function stop(reason: string, orphaned = false): void {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.info({ reason }, 'stopping');
    void stopAll(orphaned).then(() => {
      supervised.release();
      process.exit();
    });
  }

  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop(name));
  try {
    for (const [part, service] of Object.entries(await make({ log, note: supervised.note }))) {
      if (stopping.signal.aborted) return;
      running.set(part, service);
      await service.start(stopping.signal);
    }
    if (stopping.signal.aborted) return;
    log.info({}, 'ready');
    supervised.ready();
  } catch (thrown) {
    if (stopping.signal.aborted) return;
    const error = DdsError.from(thrown);
    log.error({ code: error.code, err: error.stack }, error.message);
    supervised.failed(error.toBody());
    process.exitCode = error.entry.exitCode;
    stop('it could not start');
  }
}
