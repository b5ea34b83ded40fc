import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  /** What it was answered. */
  status: number;
}

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export interface BotApi extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** Answers for the next requests, in order; after them every message is taken. */
  readonly script: Answer[];
}

/** Telegram's answer to one that comes too often. */
export const tooMany = (seconds: number): Answer => ({
  status: 429,
  body: {
    ...{ ok: false, error_code: 429, description: `Too Many Requests: retry after ${seconds}` },
    parameters: { retry_after: seconds },
  },
});

export const failure = (code: number, description: string): Answer => ({
  status: code,
  body: { ok: false, error_code: code, description },
});

/** A server that answers as the Telegram Bot API does; it serves as a webhook's receiver, too. */
export async function startBotApi(): Promise<BotApi> {
  const received: Received[] = [];
  const script: Answer[] = [];
  let messages = 0;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const body = JSON.parse(text || '{}') as Record<string, unknown>;
    const taken = { message_id: ++messages, date: 0, chat: { id: body.chat_id }, text: body.text };
    const answer = script.shift() ?? { status: 200, body: { ok: true, result: taken } };
    received.push({ path: request.url!, headers: request.headers, body, status: answer.status });
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, script },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
