/** The markers that end a transaction in a partition (KIP-98): control batches of one record. */
import { CONTROL, type RecordBatch, TRANSACTIONAL } from './record-batch.ts';
import { BatchBuilder } from './record-builder.ts';
import { RecordWalker } from './record-walker.ts';

/** ControlRecordType: a marker's key is its version and this, both int16. */
const ABORT = 0;
const COMMIT = 1;

export interface TransactionMarker {
  producerId: number;
  producerEpoch: number;
  isCommit: boolean;
  coordinatorEpoch: number;
}

export function markerBatch(marker: TransactionMarker, timestampMs: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(marker.isCommit ? COMMIT : ABORT, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  const builder = new BatchBuilder(128);
  builder.append(key, value, timestampMs);
  const { producerId, producerEpoch } = marker;
  return builder.build({ attributes: TRANSACTIONAL | CONTROL, producerId, producerEpoch, baseSequence: -1 });
}

/** What a control batch says; null when it ends no transaction. */
export function markerOf(batch: RecordBatch): TransactionMarker | null {
  const records = new RecordWalker(batch.bytes, { controls: true });
  if (!batch.isControl || batch.recordCount === 0 || !records.next()) return null;
  const type = records.key()?.readInt16BE(2);
  if (type !== ABORT && type !== COMMIT) return null;
  const { producerId, producerEpoch } = batch;
  const coordinatorEpoch = records.value()?.readInt32BE(2) ?? -1;
  return { producerId, producerEpoch, isCommit: type === COMMIT, coordinatorEpoch };
}
