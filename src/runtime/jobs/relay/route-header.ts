import { routeHeader as name } from '../../../shared/relay-headers.ts';
import type { Header, RecordCursor } from '../../kafka/index.ts';

/**
 * The header that says at which sites a record was: `edge-1`, then `edge-1,region`, in the order of its way. Records of one
 * partition mostly came the same way, so the last answer is kept and nothing is parsed per record.
 */
export class RouteHeader {
  /** Of a record that was only at the source. */
  readonly first: Header;
  readonly #sourceSite: string;
  readonly #targetSite: string;
  #last: { route: Buffer; next: Header; isLoop: boolean } | null = null;

  constructor(sourceSite: string, targetSite: string) {
    this.#sourceSite = sourceSite;
    this.#targetSite = targetSite;
    this.first = { key: name, value: Buffer.from(sourceSite) };
  }

  /** True for a record that was at the target before. */
  isLoop(records: RecordCursor): boolean {
    const route = records.header(name);
    return route ? this.#read(route).isLoop : false;
  }

  /** The record's header at the target. */
  next(records: RecordCursor): Header {
    const route = records.header(name);
    return route ? this.#read(route).next : this.first;
  }

  #read(route: Buffer) {
    if (this.#last?.route.equals(route)) return this.#last;
    const sites = route.toString('utf8').split(',');
    this.#last = {
      route: Buffer.from(route),
      next: { key: name, value: Buffer.from([...sites, this.#sourceSite].join(',')) },
      isLoop: sites.includes(this.#targetSite),
    };
    return this.#last;
  }
}
