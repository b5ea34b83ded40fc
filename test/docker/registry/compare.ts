import type { RegistryRequest } from './requests.ts';

type Json = Record<string, unknown>;

/** An answer without what two registries may differ in: the numbers of ids, the words of a message, the order of fields. */
export interface ComparableAnswer {
  status: number;
  body: unknown;
}

/** Asks one registry, and keeps what ids it gave. */
export class AskedRegistry {
  readonly #base: string;
  readonly #ids = new Map<string, number>();
  /** Ids in the order in which they were met: the first is 1, whatever its number. */
  readonly #order: number[] = [];

  /** @param base the URL in front of `/subjects` */
  constructor(base: string) {
    this.#base = base;
  }

  async ask({ method, path, body }: RegistryRequest): Promise<ComparableAnswer> {
    const asked = path.replace(/<(.+?)>/, (_, subject: string) => String(this.#ids.get(subject)));
    const response = await fetch(this.#base + asked, {
      method,
      signal: AbortSignal.timeout(20_000),
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = parsed(await response.text());
    const subject = /^\/subjects\/([^/]+)\/versions(\?|$)/.exec(path)?.[1];
    const id = (answer as Json | null)?.id;
    if (method === 'POST' && subject && typeof id === 'number') this.#ids.set(subject, id);
    const isIds = path.endsWith('/referencedby') && Array.isArray(answer);
    return {
      status: response.status,
      body: isIds ? answer.map((each: number) => this.#met(each)) : this.#comparable(answer),
    };
  }

  #met(id: number): number {
    if (!this.#order.includes(id)) this.#order.push(id);
    return this.#order.indexOf(id) + 1;
  }

  #comparable(answer: unknown): unknown {
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return answer;
    const entries = Object.entries(answer)
      .filter(([name]) => !('error_code' in answer) || name === 'error_code')
      .map(([name, value]) => [name, name === 'id' ? this.#met(value as number) : value]);
    return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
