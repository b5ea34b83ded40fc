import { endTxn } from '../../protocol/index.ts';
import { handler } from './handler.ts';
import { fencedCode } from './transaction-errors.ts';

const FENCED_VERSION = 2;
const TRANSACTION_V2_VERSION = 5;

/** EndTxn 0–5: commits or aborts; from 5 on the producer goes on with a new epoch (KIP-890). */
export const endTxnHandler = handler(endTxn, async (request, { broker, version }) => {
  const { transactionalId, producerId, producerEpoch: epoch, committed } = request;
  const producer = { transactionalId, producerId, epoch };
  const ended = await broker.transactions.end(producer, committed, version >= TRANSACTION_V2_VERSION);
  return {
    errorCode: fencedCode(ended.error, version >= FENCED_VERSION),
    producerId: ended.producerId,
    producerEpoch: ended.epoch,
  };
});
