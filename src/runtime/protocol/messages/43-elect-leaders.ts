import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const ELECTION_PREFERRED = 0;
export const ELECTION_UNCLEAN = 1;

export const electLeaders = defineApi({
  key: 43,
  name: 'ElectLeaders',
  versions: '0-2',
  flexible: '2+',
  request: {
    /** 0 the preferred leader, 1 any replica where there is no leader. */
    electionType: t.int8({ versions: '1+' }),
    /** null asks for all partitions. */
    topicPartitions: t.array({ topic: t.string(), partitions: t.array(t.int32()) }, { nullable: '0+' }),
    timeoutMs: t.int32({ default: 60_000 }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16({ versions: '1+' }),
    replicaElectionResults: t.array({
      topic: t.string(),
      partitionResult: t.array({
        partitionId: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: '0+', default: null }),
      }),
    }),
  },
});
