/**
 * Whatever runs long: a broker, a registry, a relay, a sink. The owner registers it before it starts it, so
 * that a start that fails half-way is still stopped.
 */
export interface Service<Info = unknown> {
  readonly name: string;
  /** Resolves when ready to serve. Aborting the signal gives the start up; `stop()` must still be called. */
  start(signal: AbortSignal): Promise<void>;
  /** Stops cleanly and resolves when nothing of it is left. Safe to call twice, and before `start` ended. */
  stop(): Promise<void>;
  /** A JSON value that describes it now. Cheap; never throws. */
  info(): Info;
}
