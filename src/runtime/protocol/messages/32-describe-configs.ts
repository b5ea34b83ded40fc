import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

/** org.apache.kafka.common.config.ConfigResource.Type */
export const RESOURCE_TOPIC = 2;
export const RESOURCE_BROKER = 4;
export const RESOURCE_BROKER_LOGGER = 8;
export const RESOURCE_CLIENT_METRICS = 16;
export const RESOURCE_GROUP = 32;
/** ConfigSource of DescribeConfigs from version 1. */
export const CONFIG_SOURCE_TOPIC = 1;
export const CONFIG_SOURCE_DYNAMIC_BROKER = 2;
export const CONFIG_SOURCE_STATIC_BROKER = 4;
export const CONFIG_SOURCE_DEFAULT = 5;

export const describeConfigs = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  versions: '0-4',
  flexible: '4+',
  request: {
    resources: t.array({
      resourceType: t.int8(),
      resourceName: t.string(),
      /** null asks for all. */
      configurationKeys: t.array(t.string(), { nullable: '0+', default: null }),
    }),
    includeSynonyms: t.boolean({ versions: '1+' }),
    includeDocumentation: t.boolean({ versions: '3+' }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    results: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
      resourceType: t.int8(),
      resourceName: t.string(),
      configs: t.array({
        name: t.string(),
        value: t.string({ nullable: '0+' }),
        readOnly: t.boolean(),
        isDefault: t.boolean({ versions: '0' }),
        configSource: t.int8({ versions: '1+', default: -1 }),
        isSensitive: t.boolean(),
        synonyms: t.array(
          { name: t.string(), value: t.string({ nullable: '0+' }), source: t.int8() },
          { versions: '1+' },
        ),
        configType: t.int8({ versions: '3+' }),
        documentation: t.string({ versions: '3+', nullable: '3+', default: null }),
      }),
    }),
  },
});
