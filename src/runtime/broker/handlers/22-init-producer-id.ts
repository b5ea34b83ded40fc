import { codeOf, initProducerId } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** InitProducerId 0–5: a new id for an idempotent producer. Left out: transactional ids. */
export const initProducerIdHandler = handler(
  initProducerId,
  (request, { broker }) => {
    if (request.transactionalId !== null) {
      // Clients take this for final; COORDINATOR_NOT_AVAILABLE would make them try for ever.
      return {
        errorCode: codeOf('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'),
        producerId: -1,
        producerEpoch: -1,
      };
    }
    const producerId = broker.health.attempt('producer ids', () => broker.producerIds.next());
    // Every client asks again after it.
    if (producerId === null)
      return { errorCode: codeOf('COORDINATOR_LOAD_IN_PROGRESS'), producerId: -1, producerEpoch: -1 };
    return { errorCode: 0, producerId, producerEpoch: 0 };
  },
  {
    leftOut:
      'transactional ids: refused with TRANSACTIONAL_ID_AUTHORIZATION_FAILED, which clients take for final',
  },
);
