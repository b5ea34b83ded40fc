import { type Api, type Fields, NIL_UUID } from '../protocol/index.ts';

type Values = Record<string, unknown>;

/** Arrays of a request by what the answer calls them. */
const questions: Readonly<Record<string, readonly string[]>> = {
  responses: ['topicData', 'topics', 'topicNames'],
  partitionResponses: ['partitionData'],
  partitions: ['partitions', 'partitionIndexes'],
  coordinators: ['coordinatorKeys'],
  results: ['groupsNames', 'topics', 'resources', 'creations', 'upsertions'],
  filterResults: ['filters'],
  resultsByTransaction: ['transactions'],
  resultsByTopic: ['topics'],
  topicResults: ['topics'],
  resultsByPartition: ['partitions'],
  transactionStates: ['transactionalIds'],
  replicaElectionResults: ['topicPartitions'],
  partitionResult: ['partitions'],
};
const errors = new Set(['errorCode', 'partitionErrorCode']);
/** What one entry of such an array is called by. */
const names: Readonly<Record<string, readonly string[]>> = {
  partitionIndex: ['partitionIndex', 'partition', 'index'],
  topic: ['topic', 'name'],
};

/**
 * An answer in which everything that was asked has failed with `code`: what is named in the request is named in the
 * answer, and every field for an error has it. Null for an API whose answers have none.
 */
export function refusal(api: Api, request: unknown, code: number): Values | null {
  let told = false;
  const answerTo = (fields: Fields, asked: unknown): Values => {
    const answer: Values = {};
    for (const [name, field] of Object.entries(fields)) {
      if (errors.has(name)) {
        answer[name] = code;
        told = true;
      } else if (isArrayOfStructs(field)) {
        const of = field.codec.element as Fields;
        const list = firstOf(asked, questions[name] ?? [name]);
        answer[name] = Array.isArray(list) ? list.map((each) => answerTo(of, each)) : [];
      } else {
        const known = typeof asked === 'object' ? firstOf(asked, names[name] ?? [name]) : asked;
        if (isSameKind(known, field.default, name)) answer[name] = known;
      }
    }
    return answer;
  };
  const answer = answerTo(api.response, request);
  return told ? answer : null;
}

const isArrayOfStructs = ({ codec }: Fields[string]): boolean =>
  codec.element !== undefined && !('codec' in codec.element && 'versions' in codec.element);

const firstOf = (asked: unknown, keys: readonly string[]): unknown =>
  keys.map((key) => (asked as Values | null)?.[key]).find((value) => value !== undefined);

/** A value can stand for a field of the answer that is a name or a number like it. */
function isSameKind(value: unknown, like: unknown, name: string): boolean {
  if (name === 'topicId') return typeof value === 'string' && value !== NIL_UUID;
  return (typeof value === 'string' || typeof value === 'number') && typeof value === typeof like;
}
