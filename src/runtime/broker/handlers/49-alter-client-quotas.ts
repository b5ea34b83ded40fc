import { alterClientQuotas, codeOf, type RequestOf } from '../../protocol/index.ts';
import { keyOf, type QuotaEntity } from '../state/client-quotas.ts';
import { quotaProblem } from '../state/quota-rules.ts';
import { handler } from './handler.ts';

type Entry = RequestOf<typeof alterClientQuotas>['entries'][number];

/** AlterClientQuotas 0–1 (KIP-546): each entity for itself, the first change of it where it comes twice. */
export const alterClientQuotasHandler = handler(
  alterClientQuotas,
  ({ entries, validateOnly }, { broker: { quotas, health } }) => {
    const asked = entries.map((entry) => ({ entity: entityOf(entry), changes: changesOf(entry) }));
    const keys = asked.map(({ entity }) => keyOf(entity));
    const told = asked
      .filter(({ entity }, index) => keys.indexOf(keyOf(entity)) === index)
      .map(({ entity, changes }) => {
        const isTwice = keys.indexOf(keyOf(entity)) !== keys.lastIndexOf(keyOf(entity));
        return { entity, changes, isTwice, problem: quotaProblem(entity, changes) };
      });
    const changed = told.filter(({ problem }) => problem === null);
    const isKept =
      validateOnly ||
      changed.length === 0 ||
      health.attempt('quotas', () => {
        quotas.alter(changed);
        return true;
      });
    return {
      entries: told.map(({ entity, isTwice, problem }) => {
        const named = Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }));
        const answer = (errorCode: number, errorMessage: string | null) => ({
          ...{ errorCode, errorMessage, entity: named },
        });
        if (problem !== null) return answer(codeOf('INVALID_REQUEST'), problem);
        if (!isKept) return answer(codeOf('KAFKA_STORAGE_ERROR'), health.trouble);
        return isTwice
          ? answer(codeOf('INVALID_REQUEST'), 'The entity is in the request twice.')
          : answer(0, null);
      }),
    };
  },
  { leftOut: 'quotas are kept and described, and slow nobody down yet' },
);

/** Of a kind that is there twice the last one counts, as in Kafka. */
const entityOf = ({ entity }: Entry): QuotaEntity =>
  Object.fromEntries(entity.map(({ entityType, entityName }) => [entityType, entityName]));

const changesOf = ({ ops }: Entry): Map<string, number | null> =>
  new Map(ops.map(({ key, value, remove }) => [key, remove ? null : value]));
