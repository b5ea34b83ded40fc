import type { Service } from '../../../shared/service.ts';

/** A Service that the job host runs as a process of its own. */
export interface Job<Info = unknown> extends Service<Info> {
  /** Null while all is well; else one line that says what is wrong now (`/healthz` answers 503 with it). */
  trouble?(): string | null;
  /** Settles when the job ends by itself; a rejection is fatal and ends the process with that error. */
  readonly ended?: Promise<void>;
}

/** One more route on the job's HTTP API; bodies are JSON both ways, JSON lines for an `HttpLines`. */
export interface JobRoute {
  method: 'GET' | 'POST';
  path: string;
  /** The signal aborts when the client goes away or the job stops. A DdsError becomes its body with a 4xx or 5xx. */
  handle(body: unknown, signal: AbortSignal): unknown;
}
