import { initProducerId } from '../../protocol/index.ts';
import { handler } from './handler.ts';
import { fencedCode } from './transaction-errors.ts';

const FENCED_VERSION = 4;

/**
 * InitProducerId 0–5: a new id for an idempotent producer; for a transactional one its id with a new epoch, what was
 * open aborted (KIP-98), from 3 on also for one that goes on from its own epoch (KIP-360).
 */
export const initProducerIdHandler = handler(
  initProducerId,
  async (request, { broker, version }) => {
    const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;
    if (transactionalId === null) {
      const fresh = broker.health.attempt('producer ids', () => broker.producerIds.next());
      // Every client asks again after it.
      const errorCode = fresh === null ? fencedCode('COORDINATOR_LOAD_IN_PROGRESS') : 0;
      return { errorCode, producerId: fresh ?? -1, producerEpoch: fresh === null ? -1 : 0 };
    }
    // One without the other is nobody's.
    const isHalf = producerId < 0 !== producerEpoch < 0;
    const expected = producerId < 0 ? null : { producerId, epoch: producerEpoch };
    const answer = isHalf
      ? ({ error: 'INVALID_REQUEST', producerId: -1, epoch: -1 } as const)
      : await broker.transactions.init(transactionalId, transactionTimeoutMs, expected);
    if (broker.fsync && answer.error === 'NONE') await broker.transactions.sync();
    return {
      errorCode: fencedCode(answer.error, version >= FENCED_VERSION),
      producerId: answer.producerId,
      producerEpoch: answer.epoch,
    };
  },
  { leftOut: 'version 6, which keeps prepared transactions (KIP-939): Kafka does not announce it either' },
);
