import { apiVersions, codeOf } from '../../protocol/index.ts';
import { type Handler, handler } from './handler.ts';

const softwareName = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/** The ranges told to clients, from the handler table. */
export function announcedApis(handlers: readonly Handler[]) {
  return handlers.map(({ api, advertisedMinVersion, maxVersion }) => ({
    apiKey: api.key,
    minVersion: advertisedMinVersion,
    maxVersion,
  }));
}

/**
 * ApiVersions 0–4: computed from the handler table, with the features of the cluster. A higher version is answered in
 * version 0 (dispatch.ts, KIP-511).
 */
export const apiVersionsHandler = (handlers: () => readonly Handler[]): Handler =>
  handler(apiVersions, ({ clientSoftwareName, clientSoftwareVersion }, { broker, version }) => {
    // KIP-511.
    const isNamed = [clientSoftwareName, clientSoftwareVersion].every((text) => softwareName.test(text));
    if (version >= 3 && !isNamed) return { errorCode: codeOf('INVALID_REQUEST'), apiKeys: [] };
    const features = broker.features.all();
    return {
      errorCode: 0,
      apiKeys: announcedApis(handlers()),
      // Older clients take a level of 0 for malformed: they are not told of a feature that can be off (KAFKA-17011).
      supportedFeatures:
        version < 4
          ? []
          : features.map(({ name, maxLevel }) => ({ name, minVersion: 0, maxVersion: maxLevel })),
      finalizedFeaturesEpoch: broker.features.epoch,
      finalizedFeatures: features
        .filter(({ level }) => level > 0)
        .map(({ name, level }) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
    };
  });
