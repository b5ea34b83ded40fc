import { codeOf, describeTransactions } from '../../protocol/index.ts';
import { coordinatorProblem } from './coordinators.ts';
import { handler } from './handler.ts';

/** DescribeTransactions 0: one that is not there is told as an error. */
export const describeTransactionsHandler = handler(describeTransactions, ({ transactionalIds }, context) => ({
  transactionStates: transactionalIds.map((transactionalId) => {
    const problem = coordinatorProblem(context, transactionalId);
    const found = problem ? undefined : context.broker.transactions.get(transactionalId);
    const { state, timeoutMs, startedAtMs, producerId, epoch, partitions } = found ?? UNKNOWN;
    return {
      errorCode: found ? 0 : codeOf(problem ?? 'TRANSACTIONAL_ID_NOT_FOUND'),
      transactionalId,
      transactionState: state,
      transactionTimeoutMs: timeoutMs,
      transactionStartTimeMs: startedAtMs,
      producerId,
      producerEpoch: epoch,
      topics: [...partitions].map(([topic, numbers]) => ({ topic, partitions: [...numbers] })),
    };
  }),
}));

const UNKNOWN = {
  ...{ state: '', timeoutMs: 0, startedAtMs: 0, producerId: 0, epoch: 0 },
  partitions: new Map<string, ReadonlySet<number>>(),
};
