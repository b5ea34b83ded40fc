/** What a child process and the supervisor say to each other over Node's IPC channel. */
export type ChildMessage =
  | { type: 'ready'; info: unknown }
  | { type: 'failed'; error: unknown }
  /** What it is at while it starts. */
  | { type: 'note'; message: string }
  | { type: 'info'; id: number; info: unknown };
export type SupervisorMessage = { type: 'info'; id: number };

export interface SupervisedOptions {
  /** Answers the supervisor's question for the state of this process. */
  info(): unknown;
  /** Called once when the supervisor is gone: nobody is left to stop us, so we do it ourselves. */
  onOrphaned(): void;
}

export interface Supervised {
  ready(): void;
  failed(error: unknown): void;
  /** Tells what has been done of a start that takes its time. */
  note(message: string): void;
  /** Closes the channel, so that it does not keep the process alive. */
  release(): void;
}

/** Joins the supervisor that started this process; without one every call does nothing. */
export function attachSupervisor(options: SupervisedOptions): Supervised {
  const send = (message: ChildMessage) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  const onMessage = (message: SupervisorMessage) => {
    if (message.type === 'info') send({ type: 'info', id: message.id, info: options.info() });
  };
  if (process.connected) {
    process.on('message', onMessage);
    process.once('disconnect', options.onOrphaned);
  } else if (process.send) {
    // There was a channel: the supervisor died while we were loading.
    options.onOrphaned();
  }
  return {
    ready: () => send({ type: 'ready', info: options.info() }),
    failed: (error) => send({ type: 'failed', error }),
    note: (message) => send({ type: 'note', message }),
    release() {
      process.off('message', onMessage);
      process.off('disconnect', options.onOrphaned);
      if (process.connected) process.disconnect();
    },
  };
}
