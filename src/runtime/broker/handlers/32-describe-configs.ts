import { describeConfigs } from '../../protocol/index.ts';
import type { DescribedConfig } from '../state/configs.ts';
import { configSources } from '../state/configs.ts';
import { answerResource, findResource } from './config-resources.ts';
import { handler } from './handler.ts';

/** DescribeConfigs 0–4: topics, this broker, groups (KIP-848) and subscriptions to metrics of clients (KIP-714), with sources, synonyms, types and documentation. */
export const describeConfigsHandler = handler(
  describeConfigs,
  (request, { broker, endpoint }) => ({
    results: request.resources.map((resource) => {
      let described: DescribedConfig[] = [];
      const answer = answerResource(broker, resource, () => {
        const { configurationKeys: names } = resource;
        // Kafka takes an empty list for all, too.
        described = findResource({ broker, endpoint }, resource).describe(names?.length === 0 ? null : names);
      });
      return {
        ...answer,
        errorMessage: answer.errorMessage ?? '',
        configs: described.map(({ name, value, source, synonyms, type, documentation }) => ({
          name,
          value,
          readOnly: false,
          isDefault: source === configSources.default,
          configSource: source,
          isSensitive: false,
          synonyms: request.includeSynonyms ? synonyms : [],
          configType: type,
          documentation: request.includeDocumentation ? documentation : null,
        })),
      };
    }),
  }),
  { advertisedMinVersion: 1, leftOut: 'loggers: there are none to be set' },
);
