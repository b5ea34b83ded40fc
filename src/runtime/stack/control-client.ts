import { type IncomingMessage, request } from 'node:http';
import { DdsError, type DdsErrorBody, errorTable } from '../../errors/index.ts';

/** Speaks to a supervisor over its control socket. Every call opens a connection of its own. */
export class ControlClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The answer's JSON. Throws the DdsError that came back, or DDS_NO_STACK when nobody listens. */
  async request(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const answer = await this.#send(method, path, body, signal);
    answer.setEncoding('utf8');
    let text = '';
    try {
      for await (const chunk of answer) text += chunk;
    } catch (cause) {
      throw interruptedAnswer(path, cause);
    }
    return read(text, answer.statusCode ?? 500, path);
  }

  /** The JSON lines of a stream, until it ends, breaks off or the signal aborts. With a body it is a POST. */
  async *stream(
    path: string,
    signal?: AbortSignal,
    body?: unknown,
  ): AsyncGenerator<unknown, void, undefined> {
    const answer = await this.#send(body === undefined ? 'GET' : 'POST', path, body, signal);
    if (answer.statusCode !== 200) {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      read(text, answer.statusCode ?? 500, path);
      return;
    }
    try {
      for await (const line of wholeLines(answer.setEncoding('utf8'))) yield JSON.parse(line);
    } catch (error) {
      if (!signal?.aborted && (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    } finally {
      answer.destroy();
    }
  }

  #send(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const payload = body === undefined ? null : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request({
        ...{ socketPath: this.#socketPath, method, path },
        ...(signal && { signal }),
        headers: payload
          ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
          : {},
      });
      sent.on('response', resolve);
      sent.on('error', (cause) => reject(noAnswer(cause)));
      sent.end(payload ?? undefined);
    });
  }
}

/** Not readline, which reads ahead by a thousand lines of any length. A line that is cut off is left out. */
async function* wholeLines(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function read(text: string, status: number, path: string): unknown {
  let value: unknown = null;
  try {
    value = text === '' ? null : JSON.parse(text);
  } catch {
    // Told below, as an answer that is no error body.
  }
  if (status < 400) return value;
  const body = ((value as { error?: unknown } | null)?.error ?? value) as Partial<DdsErrorBody> | null;
  if (body?.code && body.code in errorTable) throw DdsError.fromBody(body as DdsErrorBody);
  throw new DdsError('DDS_FAILED', `the supervisor answered ${path} with status ${status}`);
}

function noAnswer(cause: NodeJS.ErrnoException): DdsError {
  if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED')
    return new DdsError('DDS_NO_STACK', 'the supervisor does not listen', { cause });
  // It closes what is open when it ends.
  return cause.code === 'ECONNRESET' || cause.code === 'EPIPE'
    ? new DdsError('DDS_NO_STACK', 'the supervisor ended before it answered', { cause })
    : new DdsError('DDS_FAILED', `the supervisor broke off: ${cause.message}`, { cause });
}

const interruptedAnswer = (path: string, cause: unknown) =>
  new DdsError('DDS_FAILED', `the supervisor broke off its answer to ${path}`, { cause });
