import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

/** org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType */
export const FEATURE_UPGRADE = 1;

export const updateFeatures = defineApi({
  key: 57,
  name: 'UpdateFeatures',
  versions: '0-2',
  flexible: '0+',
  request: {
    timeoutMs: t.int32({ default: 60_000 }),
    featureUpdates: t.array({
      feature: t.string(),
      /** Below 1: the feature is switched off. */
      maxVersionLevel: t.int16(),
      allowDowngrade: t.boolean({ versions: '0' }),
      upgradeType: t.int8({ versions: '1+', default: FEATURE_UPGRADE }),
    }),
    validateOnly: t.boolean({ versions: '1+' }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    results: t.array(
      {
        feature: t.string(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: '0+', default: null }),
      },
      { versions: '0-1' },
    ),
  },
});
