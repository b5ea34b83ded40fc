import { defineApi } from '../api.ts';
import * as t from '../fields.ts';
import { leaderIdAndEpoch, nodeEndpoints } from './shared.ts';

/**
 * Versions 0 to 2 carry message sets older than record batches and are not defined. Kafka 4 still announces 0 in
 * ApiVersions, because librdkafka looks there for its features (KAFKA-18659).
 */
export const produce = defineApi({
  key: 0,
  name: 'Produce',
  versions: '3-13',
  flexible: '9+',
  request: {
    transactionalId: t.string({ nullable: '3+', default: null }),
    acks: t.int16(),
    timeoutMs: t.int32(),
    topicData: t.array({
      name: t.string({ versions: '0-12' }),
      topicId: t.uuid({ versions: '13+' }),
      partitionData: t.array({
        index: t.int32(),
        /** Record batches as they are, not copied. */
        records: t.bytes({ nullable: '0+' }),
      }),
    }),
  },
  response: {
    responses: t.array({
      name: t.string({ versions: '0-12' }),
      topicId: t.uuid({ versions: '13+' }),
      partitionResponses: t.array({
        index: t.int32(),
        errorCode: t.int16(),
        baseOffset: t.int64(),
        logAppendTimeMs: t.int64({ versions: '2+', default: -1 }),
        logStartOffset: t.int64({ versions: '5+', default: -1 }),
        recordErrors: t.array(
          {
            batchIndex: t.int32(),
            batchIndexErrorMessage: t.string({ nullable: '8+', default: null }),
          },
          { versions: '8+' },
        ),
        errorMessage: t.string({ versions: '8+', nullable: '8+', default: null }),
        currentLeader: leaderIdAndEpoch({ versions: '10+', tag: 0 }),
      }),
    }),
    throttleTimeMs: t.int32({ versions: '1+' }),
    nodeEndpoints: nodeEndpoints({ versions: '10+', tag: 0 }),
  },
});
