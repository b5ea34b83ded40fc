import { codeOf, describeClientQuotas, type KafkaErrorName, type RequestOf } from '../../protocol/index.ts';
import type { QuotaFilter } from '../state/client-quotas.ts';
import { quotaEntityTypes } from '../state/quota-rules.ts';
import { handler } from './handler.ts';

type Component = RequestOf<typeof describeClientQuotas>['components'][number];
const BY_NAME = 0;
const DEFAULT = 1;
const ANY = 2;

/** DescribeClientQuotas 0–1 (KIP-546). */
export const describeClientQuotasHandler = handler(
  describeClientQuotas,
  ({ components, strict }, { broker: { quotas } }) => {
    const problem = problemOf(components);
    if (problem) return { errorCode: codeOf(problem[0]), errorMessage: problem[1], entries: null };
    const entries = quotas.matching(components.map(filterOf), strict).map(({ entity, values }) => ({
      entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
      values: Object.entries(values).map(([key, value]) => ({ key, value })),
    }));
    return { errorCode: 0, errorMessage: '', entries };
  },
  { leftOut: 'quotas are kept and described, and slow nobody down yet' },
);

const filterOf = ({ entityType, matchType, match }: Component): QuotaFilter => ({
  entityType,
  match: matchType === ANY ? undefined : match,
});

function problemOf(components: readonly Component[]): [KafkaErrorName, string] | null {
  const types = components.map(({ entityType }) => entityType);
  for (const [index, { entityType, matchType, match }] of components.entries()) {
    if (entityType === '') return ['INVALID_REQUEST', 'Invalid empty entity type.'];
    if (types.indexOf(entityType) !== index)
      return ['INVALID_REQUEST', `Entity type ${entityType} cannot appear more than once in the filter.`];
    if (!quotaEntityTypes.includes(entityType))
      return ['UNSUPPORTED_VERSION', `Unsupported entity type ${entityType}`];
    if (matchType !== BY_NAME && matchType !== DEFAULT && matchType !== ANY)
      return ['INVALID_REQUEST', `Unknown match type ${matchType}`];
    if ((matchType === BY_NAME) !== (match !== null))
      return ['INVALID_REQUEST', `Match type ${matchType} ${match === null ? 'needs a' : 'takes no'} name.`];
  }
  if (types.length > 1 && types.includes('ip'))
    return ['INVALID_REQUEST', 'An address cannot be looked for together with a user or a client.'];
  return null;
}
