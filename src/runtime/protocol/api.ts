/** One Kafka API: its number, the versions defined here, and the interpreter that reads and writes them all. */
import type { Codec, Decoded, Encodable, Fields } from './fields.ts';
import { malformed, Reader } from './reader.ts';
import { structCodec } from './struct-codec.ts';
import { includes, versionRange } from './version-range.ts';
import { Writer } from './writer.ts';

export interface ApiSpec<Request extends Fields, Response extends Fields> {
  key: number;
  name: string;
  /** Versions that the definition covers completely: `3-9`. */
  versions: string;
  /** Versions in the flexible encoding (KIP-482); none when absent. */
  flexible?: string;
  request: Request;
  response: Response;
}

export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly request: Request;
  readonly response: Response;
  readonly requestCodec: Codec<unknown>;
  readonly responseCodec: Codec<unknown>;
  isFlexible(version: number): boolean;
}

export type RequestOf<A> = A extends Api<infer Request, Fields> ? Decoded<Request> : never;
export type ResponseOf<A> = A extends Api<Fields, infer Response> ? Decoded<Response> : never;
export type RequestInput<A> = A extends Api<infer Request, Fields> ? Encodable<Request> : never;
export type ResponseInput<A> = A extends Api<Fields, infer Response> ? Encodable<Response> : never;

export interface RequestHeader {
  apiKey: number;
  apiVersion: number;
  correlationId: number;
  clientId: string | null;
}

const API_VERSIONS = 18;

export function defineApi<Request extends Fields, Response extends Fields>(
  spec: ApiSpec<Request, Response>,
): Api<Request, Response> {
  const versions = versionRange(spec.versions);
  const flexible = spec.flexible ? versionRange(spec.flexible) : null;
  return {
    key: spec.key,
    name: spec.name,
    minVersion: versions.from,
    maxVersion: versions.to,
    request: spec.request,
    response: spec.response,
    requestCodec: structCodec(spec.request) as Codec<unknown>,
    responseCodec: structCodec(spec.response) as Codec<unknown>,
    isFlexible: (version) => includes(flexible, version),
  };
}

function frame(write: (writer: Writer) => void): Buffer[] {
  const writer = new Writer();
  writer.int32(0);
  write(writer);
  const { length } = writer;
  const chunks = writer.chunks();
  chunks[0]!.writeInt32BE(length - 4, 0);
  return chunks;
}

/** A whole request with its length in front, as chunks for the socket. */
export function encodeRequest<Request extends Fields>(
  api: Api<Request>,
  version: number,
  header: { correlationId: number; clientId: string | null },
  body: Encodable<Request>,
): Buffer[] {
  return frame((writer) => {
    const flexible = api.isFlexible(version);
    writer.int16(api.key);
    writer.int16(version);
    writer.int32(header.correlationId);
    // The client id keeps its old encoding in every header version.
    writer.string(header.clientId, false);
    if (flexible) writer.unsignedVarint(0);
    api.requestCodec.write(writer, body, { version, flexible }, false);
  });
}

/** The head of a request frame (without its length), enough to find the API; `reader` stands before any header tags. */
export function readRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  return { apiKey, apiVersion, correlationId, clientId: reader.string(false) };
}

/**
 * Decodes a request frame (without its length). Byte fields are views of the frame. Bytes after the request are passed
 * over, as Kafka does it: librdkafka leaves three after a Metadata request for all topics. Throws DDS_PROTOCOL.
 */
export function decodeRequest<Request extends Fields>(
  api: Api<Request>,
  frameBytes: Buffer,
): { header: RequestHeader; body: Decoded<Request> } {
  const reader = new Reader(frameBytes);
  const header = readRequestHeader(reader);
  const body = decodeBody(
    reader,
    api,
    header.apiVersion,
    api.requestCodec,
    api.isFlexible(header.apiVersion),
  );
  return { header, body: body as Decoded<Request> };
}

/** KIP-511: an answer to ApiVersions has the old header always, so that a client can read it before it knows the broker. */
const hasResponseTags = (api: Api, version: number): boolean =>
  api.key !== API_VERSIONS && api.isFlexible(version);

/** A whole response with its length in front, as chunks for the socket. */
export function encodeResponse<Response extends Fields>(
  api: Api<Fields, Response>,
  version: number,
  correlationId: number,
  body: Encodable<Response>,
): Buffer[] {
  return frame((writer) => {
    writer.int32(correlationId);
    if (hasResponseTags(api, version)) writer.unsignedVarint(0);
    api.responseCodec.write(writer, body, { version, flexible: api.isFlexible(version) }, false);
  });
}

/** Decodes a response frame (without its length). Byte fields are views of the frame. Throws DDS_PROTOCOL. */
export function decodeResponse<Response extends Fields>(
  api: Api<Fields, Response>,
  version: number,
  frameBytes: Buffer,
): { correlationId: number; body: Decoded<Response> } {
  const reader = new Reader(frameBytes);
  const correlationId = reader.int32();
  const body = decodeBody(reader, api, version, api.responseCodec, hasResponseTags(api, version));
  if (reader.remaining > 0) throw malformed(`${reader.remaining} bytes after ${api.name} version ${version}`);
  return { correlationId, body: body as Decoded<Response> };
}

function decodeBody(
  reader: Reader,
  api: Api,
  version: number,
  codec: Codec<unknown>,
  headerTags: boolean,
): unknown {
  if (version < api.minVersion || version > api.maxVersion) {
    throw malformed(`${api.name} version ${version}, defined are ${api.minVersion} to ${api.maxVersion}`);
  }
  if (headerTags) reader.skipTags();
  return codec.read(reader, { version, flexible: api.isFlexible(version) }, false);
}
