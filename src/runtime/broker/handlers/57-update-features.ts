import { codeOf, FEATURE_UPGRADE, type RequestOf, updateFeatures } from '../../protocol/index.ts';
import type { Features } from '../state/features.ts';
import { handler } from './handler.ts';

type Update = RequestOf<typeof updateFeatures>['featureUpdates'][number];

/** UpdateFeatures 0–2: all of a request or none. `transaction.version` below 2 makes clients use transactions v1. */
export const updateFeaturesHandler = handler(updateFeatures, (request, { broker, version }) => {
  const { featureUpdates, validateOnly } = request;
  const problems = featureUpdates.map((update) => problemOf(broker.features, update, version));
  const problem = problems.find((one) => one !== null) ?? null;
  const errorCode = problem ? codeOf('INVALID_UPDATE_VERSION') : 0;
  const answer = {
    ...{ errorCode, errorMessage: problem },
    results: featureUpdates.map(({ feature }) => ({ feature, errorCode, errorMessage: problem })),
  };
  if (problem || validateOnly) return answer;
  const levels = featureUpdates.map(({ feature, maxVersionLevel }) => [
    feature,
    Math.max(0, maxVersionLevel),
  ]);
  const isKept = broker.health.attempt('features', () => {
    broker.features.set(Object.fromEntries(levels));
    return true;
  });
  return isKept ? answer : { ...answer, errorCode: codeOf('KAFKA_STORAGE_ERROR'), results: [] };
});

function problemOf(features: Features, update: Update, version: number): string | null {
  const { feature: name, maxVersionLevel, allowDowngrade, upgradeType } = update;
  const feature = features.get(name);
  if (!feature) return `There is no feature '${name}'.`;
  if (maxVersionLevel > feature.maxLevel)
    return `The highest level of '${name}' is ${feature.maxLevel}, not ${maxVersionLevel}.`;
  const mayFall = version === 0 ? allowDowngrade : upgradeType !== FEATURE_UPGRADE;
  if (maxVersionLevel < feature.level && !mayFall)
    return `'${name}' is at level ${feature.level}: ${maxVersionLevel} would be a downgrade.`;
  return null;
}
