export { DdsError, type DdsErrorBody, type DdsErrorOptions } from './dds-error.ts';
export type { ErrorEntry, ErrorKind } from './error-entry.ts';
export { type ErrorCode, errorTable } from './table.ts';
