import { addOffsetsToTxn } from '../../protocol/index.ts';
import { OFFSETS_TOPIC } from '../state/topic-names.ts';
import { handler } from './handler.ts';
import { fencedCode } from './transaction-errors.ts';

const FENCED_VERSION = 2;

/** AddOffsetsToTxn 0–4: adds the partition of `__consumer_offsets` that the group is in; there is one for all groups. */
export const addOffsetsToTxnHandler = handler(addOffsetsToTxn, (request, { broker, version }) => {
  const { transactionalId, producerId, producerEpoch: epoch } = request;
  const producer = { transactionalId, producerId, epoch };
  const error = broker.transactions.add(producer, [{ topic: OFFSETS_TOPIC, partition: 0 }]);
  const answer = { errorCode: fencedCode(error, version >= FENCED_VERSION) };
  return broker.fsync ? broker.transactions.sync().then(() => answer) : answer;
});
