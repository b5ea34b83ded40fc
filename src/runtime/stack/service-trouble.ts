import type { ServiceStatus } from './types.ts';

/** What is wrong with a service that runs, by what it concerns; empty when nothing is. */
export type Troubles = Readonly<Record<string, string>>;

/** A busy machine may let one question go unanswered. */
const silentAfter = 2;

/** What a service that answers says to be wrong with itself, or with what it reads from. */
export function troublesOf(info: unknown): Troubles {
  const { broker, trouble, sources } = (info ?? {}) as {
    broker?: { trouble?: unknown; nodes?: { id: number; state: string }[] };
    trouble?: unknown;
    sources?: unknown;
  };
  const found: Record<string, string> = {};
  if (typeof broker?.trouble === 'string') found.broker = broker.trouble;
  for (const { id, state } of broker?.nodes ?? [])
    if (state === 'stopped') found[`node ${id}`] = `node ${id} is stopped`;
  if (typeof trouble === 'string') found.work = trouble;
  for (const { source, state, held } of Array.isArray(sources) ? sources : []) {
    if (state === 'unreachable' || state === 'stalled') found[`source ${source}`] = `${source} is ${state}`;
    if (held?.length > 0) found[`held ${source}`] = `${source}: ${held[0].topic} is held: ${held[0].message}`;
  }
  return found;
}

/**
 * A service of ours that runs but does not answer hangs; a command of the user's has nothing to say. A site whose broker
 * cannot write says so.
 */
export const isWell = ({ kind, state, info }: ServiceStatus): boolean =>
  state === 'stopped' ||
  (state === 'ready' && (kind === 'job' || (info !== null && troublesOf(info).broker === undefined)));

/** Tells what became wrong with the services of a stack, and what is well again, from one look to the next. */
export class TroubleWatch {
  readonly #known = new Map<string, { troubles: Troubles; unanswered: number }>();

  look(
    services: readonly ServiceStatus[],
    tell: (service: string, kind: 'degraded' | 'recovered', message: string) => void,
  ): void {
    for (const { service, kind, state, info } of services) {
      // What a crash or a stop ends is told as such.
      if (state !== 'ready' || kind === 'job') {
        this.#known.delete(service);
        continue;
      }
      const { troubles: before, unanswered: missed } = this.#known.get(service) ?? nothing;
      const unanswered = info === null ? missed + 1 : 0;
      const now = info === null ? { ...before, ...silence(unanswered) } : troublesOf(info);
      for (const [what, message] of Object.entries(now))
        if (!(what in before)) tell(service, 'degraded', message);
      for (const what of Object.keys(before)) if (!(what in now)) tell(service, 'recovered', over(what));
      this.#known.set(service, { troubles: now, unanswered });
    }
  }
}

const nothing = { troubles: {}, unanswered: 0 };
const silence = (unanswered: number): Troubles =>
  unanswered >= silentAfter ? { answer: 'does not answer' } : {};

function over(what: string): string {
  if (what === 'answer') return 'answers again';
  const [, concern, site] = /^(source|held|node) (.*)$/.exec(what) ?? [];
  if (concern === 'node') return `node ${site} serves again`;
  if (concern === 'source') return `${site} is connected again`;
  return concern === 'held' ? `${site}: nothing is held` : 'works again';
}
