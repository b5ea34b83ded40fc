export { DdsError, type DdsErrorBody, type DdsErrorOptions } from './dds-error.ts';
export { type ErrorCode, type ErrorEntry, type ErrorKind, errorTable } from './table.ts';
