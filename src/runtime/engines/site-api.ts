import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { DdsError } from '../../errors/index.ts';
import type { Service } from '../../shared/service.ts';
import type { Broker, FaultRule } from '../broker/index.ts';

/**
 * What the supervisor passes on to a site process, over HTTP on a Unix socket: `GET /faults`, `POST /faults` with a rule,
 * `POST /faults/clear` with `{ ids?: number[] }`; `GET /nodes`, `POST /nodes/stop` and `POST /nodes/start` with
 * `{ ids: number[] }`. Errors are `{ error: DdsErrorBody }`.
 */
export class SiteApi implements Service<object> {
  readonly name = 'site-api';
  readonly #path: string;
  readonly #broker: Broker;
  readonly #server: Server;

  /** @param http `unix:/path` */
  constructor(http: string, broker: Broker) {
    this.#path = http.replace(/^unix:/, '');
    this.#broker = broker;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  start(): Promise<void> {
    // A process that was killed has left it behind.
    rmSync(this.#path, { force: true });
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#path, resolve);
    });
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  info(): object {
    return {};
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    try {
      send(200, await this.#answer(`${request.method} ${request.url}`, request));
    } catch (thrown) {
      const error = DdsError.from(thrown);
      send(error.entry.exitCode === 2 ? 400 : 500, { error: error.toBody() });
    }
  }

  async #answer(asked: string, request: IncomingMessage): Promise<unknown> {
    const { faults, nodes } = this.#broker;
    switch (asked) {
      case 'GET /faults':
        return faults.list();
      case 'POST /faults':
        return faults.add((await json(request)) as FaultRule);
      case 'POST /faults/clear':
        return faults.clear(((await json(request)) as { ids?: number[] }).ids);
      case 'GET /nodes':
        return nodes.list();
      case 'POST /nodes/stop':
        return nodes.stop(((await json(request)) as { ids: number[] }).ids);
      case 'POST /nodes/start':
        return nodes.start(((await json(request)) as { ids: number[] }).ids);
      default:
        throw new DdsError('DDS_USAGE', `a site does not know ${asked}`);
    }
  }
}
