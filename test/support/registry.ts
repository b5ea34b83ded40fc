import {
  createRegistry,
  type LogRecord,
  type Registry,
  type SchemaLog,
} from '../../src/runtime/registry/index.ts';
import { silentLogger } from '../../src/shared/logger.ts';

/** A registry's log in memory, which outlives the registries that use it. */
export class MemorySchemaLog implements SchemaLog {
  readonly records: LogRecord[] = [];
  /** Set to let writes fail; 'after' means that the record is written all the same. */
  failing: 'before' | 'after' | null = null;

  async load(): Promise<LogRecord[]> {
    return [...this.records];
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    // What a real log does takes a while, and two writers would show here.
    await new Promise(setImmediate);
    if (this.failing === 'before') throw new Error('the log is gone');
    this.records.push(...records);
    if (this.failing === 'after') throw new Error('the log is gone');
  }

  async close(): Promise<void> {}
}

export interface Answer {
  status: number;
  body: unknown;
  type: string | null;
}

export interface TestRegistry extends AsyncDisposable {
  registry: Registry;
  url: string;
  log: MemorySchemaLog;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export async function startRegistry(log = new MemorySchemaLog()): Promise<TestRegistry> {
  const registry = createRegistry({ kafka: log, host: '127.0.0.1', port: 0, log: silentLogger });
  await registry.start(new AbortController().signal);
  const { url } = registry;
  return {
    registry,
    url,
    log,
    async call(method, path, body, headers = {}) {
      const response = await fetch(url + path, {
        method,
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json', ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return {
        status: response.status,
        body: await response.json(),
        type: response.headers.get('content-type'),
      };
    },
    [Symbol.asyncDispose]: () => registry.stop(),
  };
}
