import { apiVersions, codeOf, type KafkaErrorName, type RequestOf } from '../../protocol/index.ts';
import { type Handler, handler, type RequestContext } from './handler.ts';

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
 * ApiVersions 0–5: computed from the handler table, with the features of the cluster; who means another broker or cluster
 * is told so (KIP-1242). A higher version is answered in
 * version 0 (dispatch.ts, KIP-511).
 */
export const apiVersionsHandler = (handlers: () => readonly Handler[]): Handler =>
  handler(apiVersions, (request, context) => {
    const { broker, version } = context;
    const error = problemOf(request, context);
    if (error) return { errorCode: codeOf(error), apiKeys: [] };
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

function problemOf(
  { clientSoftwareName, clientSoftwareVersion, clusterId, nodeId }: RequestOf<typeof apiVersions>,
  { broker, endpoint, version }: RequestContext,
): KafkaErrorName | null {
  // KIP-511.
  const isNamed = [clientSoftwareName, clientSoftwareVersion].every((text) => softwareName.test(text));
  if (version >= 3 && !isNamed) return 'INVALID_REQUEST';
  if (clusterId === null && nodeId === -1) return null;
  if (clusterId === null || nodeId === -1) return 'INVALID_REQUEST';
  return clusterId === broker.clusterId && nodeId === endpoint.nodeId ? null : 'REBOOTSTRAP_REQUIRED';
}
