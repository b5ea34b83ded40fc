import { listPartitionReassignments } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** ListPartitionReassignments 0 (KIP-455): a reassignment is done when it is answered, so none is ever under way. */
export const listPartitionReassignmentsHandler = handler(listPartitionReassignments, () => ({
  errorCode: 0,
  topics: [],
}));
