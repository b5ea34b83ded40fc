import type { Api, Fields, RequestOf, ResponseInput } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';

/** Where the client came in: the address that it is told to come back to. */
export interface Endpoint {
  readonly listener: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** What a handler knows of the request besides its body. */
export interface RequestContext {
  readonly broker: BrokerState;
  readonly endpoint: Endpoint;
  /** The listener of the same name at every node, also at those that are stopped. */
  peers(): readonly Endpoint[];
  readonly version: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Calls back once when the connection closes; returns how to take that back. */
  onClose(callback: () => void): () => void;
  /** Calls back once when the answer has left, and nothing reads its bytes any more. */
  onSent(callback: () => void): void;
}

/** Those of the peers that serve. */
export const servingPeers = ({ peers, broker }: RequestContext): Endpoint[] =>
  peers().filter(({ nodeId }) => broker.nodes.isUp(nodeId));

/** What a handler gives for "send nothing" (Produce with acks 0). */
export const NO_RESPONSE = null;

type Answer<A> = ResponseInput<A> | typeof NO_RESPONSE;

/** One API as the broker serves it. */
export interface Handler {
  readonly api: Api<Fields, Fields>;
  /** The lowest version told in ApiVersions; the lowest one served is the API's own. */
  readonly advertisedMinVersion: number;
  /** Only versions up to this one are served. */
  readonly maxVersion: number;
  /** For docs/protocol.md: what is left out and why; empty when nothing is. */
  readonly leftOut: string;
  /** Whether nothing of a request is read after `handle` returns; of others what they keep may be views of its bytes. */
  readonly keepsNothing: boolean;
  handle(request: unknown, context: RequestContext): unknown;
}

export interface HandlerOptions {
  advertisedMinVersion?: number;
  maxVersion?: number;
  leftOut?: string;
  keepsNothing?: boolean;
}

/** Ties an API's definition to the function that answers it. */
export function handler<A extends Api<Fields, Fields>>(
  api: A,
  handle: (request: RequestOf<A>, context: RequestContext) => Answer<A> | Promise<Answer<A>>,
  options: HandlerOptions = {},
): Handler {
  return {
    api,
    advertisedMinVersion: options.advertisedMinVersion ?? api.minVersion,
    maxVersion: options.maxVersion ?? api.maxVersion,
    leftOut: options.leftOut ?? '',
    keepsNothing: options.keepsNothing ?? false,
    handle: (request, context) => handle(request as RequestOf<A>, context),
  };
}
