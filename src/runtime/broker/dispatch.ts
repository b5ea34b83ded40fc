import { DdsError } from '../../errors/index.ts';
import {
  apiVersions,
  codeOf,
  decodeRequest,
  encodeResponse,
  produce,
  Reader,
  type RequestHeader,
  type RequestOf,
  type ResponseInput,
  readRequestHeader,
} from '../protocol/index.ts';
import type { FaultAction, FaultRules } from './faults/rules.ts';
import { announcedApis } from './handlers/18-api-versions.ts';
import { misses } from './handlers/coordinators.ts';
import type { Handler, RequestContext } from './handlers/handler.ts';
import { handlers } from './handlers/index.ts';
import { refusal } from './refusal.ts';

export type ConnectionContext = Omit<RequestContext, 'version' | 'clientId'> & { faults: FaultRules };

const byKey = new Map<number, Handler>(handlers.map((handler) => [handler.api.key, handler]));

/**
 * From a request frame to the chunks of its answer; null when there is none to send. The frame's bytes are read during
 * this call only. Throws for what Kafka closes the connection for: bytes that cannot be read, an unknown API or version.
 */
export function dispatch(
  frame: Buffer,
  connection: ConnectionContext,
): Buffer[] | null | Promise<Buffer[] | null> {
  const header = readRequestHeader(new Reader(frame));
  const found = byKey.get(header.apiKey);
  if (!found)
    throw new DdsError('DDS_PROTOCOL', `unknown API key ${header.apiKey}, version ${header.apiVersion}`);
  if (header.apiVersion < found.api.minVersion || header.apiVersion > found.maxVersion) {
    return unsupportedVersion(found, header);
  }
  const { faults } = connection;
  // A fault may have the request wait.
  const isReadAtOnce = found.keepsNothing && faults.isEmpty;
  const { body } = decodeRequest(found.api, isReadAtOnce ? frame : Buffer.from(frame));
  const context: RequestContext = {
    broker: connection.broker,
    endpoint: connection.endpoint,
    peers: connection.peers,
    clientHost: connection.clientHost,
    onClose: connection.onClose,
    onSent: connection.onSent,
    version: header.apiVersion,
    clientId: header.clientId ?? '',
  };
  if (!faults.isEmpty) {
    const action = faults.actionFor(found.api, body, context.clientId);
    if (action) return withFault(action, found, header, body, () => perform(found, header, body, context));
  }
  return perform(found, header, body, context);
}

type Answered = Buffer[] | null | Promise<Buffer[] | null>;

function perform(found: Handler, header: RequestHeader, body: unknown, context: RequestContext): Answered {
  if (misses(context, found.api, body))
    return encode(found, header, refusal(found.api, body, codeOf('NOT_COORDINATOR')));
  const answer = found.handle(body, context);
  if (answer instanceof Promise) return answer.then((response) => encode(found, header, response));
  return encode(found, header, answer);
}

/** The request meets a fault that somebody asked for. */
async function withFault(
  action: FaultAction,
  found: Handler,
  header: RequestHeader,
  body: unknown,
  answer: () => Answered,
): Promise<Buffer[] | null> {
  switch (action.kind) {
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, action.ms).unref());
      return answer();
    case 'error': {
      const refused = refusal(found.api, body, codeOf(action.error));
      // Nothing is named that could be refused.
      if (!refused) return answer();
      if (!wantsNoAnswer(found, body)) return encode(found, header, refused);
      throw new DdsError('DDS_PROTOCOL', `${found.api.name} with acks 0 met a fault that was asked for`);
    }
    case 'drop':
      if (action.when === 'answer') await answer();
      throw new DdsError('DDS_PROTOCOL', `${found.api.name} met a fault that was asked for`);
  }
}

/** The end of its connection is all that such a client learns of an error. */
const wantsNoAnswer = ({ api }: Handler, body: unknown): boolean =>
  api.key === produce.key && (body as RequestOf<typeof produce>).acks === 0;

function encode(
  { api }: Handler,
  { apiVersion, correlationId }: RequestHeader,
  response: unknown,
): Buffer[] | null {
  return response === null
    ? null
    : encodeResponse(api, apiVersion, correlationId, response as ResponseInput<typeof api>);
}

/** KIP-511: a client that asks for ApiVersions in a version we don't know learns in version 0 what we know. */
function unsupportedVersion(
  { api }: Handler,
  { apiKey, apiVersion, correlationId }: RequestHeader,
): Buffer[] {
  if (apiKey === apiVersions.key) {
    return encodeResponse(apiVersions, 0, correlationId, {
      errorCode: codeOf('UNSUPPORTED_VERSION'),
      apiKeys: announcedApis(handlers),
    });
  }
  throw new DdsError('DDS_PROTOCOL', `${api.name} version ${apiVersion} is not supported`);
}
