import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

/** A broker answers a version it does not know in version 0, with UNSUPPORTED_VERSION (KIP-511). */
export const apiVersions = defineApi({
  key: 18,
  name: 'ApiVersions',
  versions: '0-5',
  flexible: '3+',
  request: {
    clientSoftwareName: t.string({ versions: '3+' }),
    clientSoftwareVersion: t.string({ versions: '3+' }),
    /** Whom the client means to talk to (KIP-1242), where it knows. */
    clusterId: t.string({ versions: '5+', nullable: '5+', default: null }),
    nodeId: t.int32({ versions: '5+', default: -1 }),
  },
  response: {
    errorCode: t.int16(),
    apiKeys: t.array({ apiKey: t.int16(), minVersion: t.int16(), maxVersion: t.int16() }),
    throttleTimeMs: t.int32({ versions: '1+' }),
    supportedFeatures: t.array(
      { name: t.string(), minVersion: t.int16(), maxVersion: t.int16() },
      { versions: '3+', tag: 0 },
    ),
    finalizedFeaturesEpoch: t.int64({ versions: '3+', tag: 1, default: -1 }),
    finalizedFeatures: t.array(
      { name: t.string(), maxVersionLevel: t.int16(), minVersionLevel: t.int16() },
      { versions: '3+', tag: 2 },
    ),
    zkMigrationReady: t.boolean({ versions: '3+', tag: 3, default: false }),
  },
});
