import { describe, expect, test } from 'vitest';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../src/runtime/protocol/index.ts';
import { type AnyApi, apis, generate, randomFrom } from './generate.ts';

const versionsOf = (api: AnyApi): number[] =>
  Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, i) => api.minVersion + i);

test('every file of messages/ is one API', () => {
  expect(apis.map(({ key }) => key)).toEqual([
    0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 55, 57, 60, 61, 64, 65,
    66, 68, 69, 74, 75, 80, 81,
  ]);
});

describe.each(apis.map((api) => [api.name, api] as const))('%s', (_, api: AnyApi) => {
  test.each(versionsOf(api))('version %i comes back as it was written', (version) => {
    const random = randomFrom(api.key * 100 + version);
    const flexible = api.isFlexible(version);
    for (let i = 0; i < 30; i++) {
      const request = generate(api.request, version, flexible, random);
      const header = { correlationId: i, clientId: i % 2 ? 'client' : null };
      const requestFrame = Buffer.concat(encodeRequest(api, version, header, request));
      expect(requestFrame.readInt32BE(0)).toBe(requestFrame.length - 4);
      const decoded = decodeRequest(api, requestFrame.subarray(4));
      expect(decoded.header).toEqual({ apiKey: api.key, apiVersion: version, ...header });
      expect(decoded.body).toEqual(request);
      expect(Buffer.concat(encodeRequest(api, version, header, decoded.body))).toEqual(requestFrame);

      const response = generate(api.response, version, flexible, random);
      const responseFrame = Buffer.concat(encodeResponse(api, version, i, response));
      expect(decodeResponse(api, version, responseFrame.subarray(4))).toEqual({
        correlationId: i,
        body: response,
      });
    }
  });
});
