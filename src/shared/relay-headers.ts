import { crc32 } from 'node:zlib';

/** The site where a record was made. */
export const siteHeader = 'dds-site';
/** The sites where it was, in the order of its way. */
export const routeHeader = 'dds-route';
/** Where it was at the last of them: 16 bytes of topic id, 8 of offset, and 4 of the mark of the place that it was copied to. */
export const sourceHeader = 'dds-source';
export const sourceHeaderBytes = 28;
export const sourceOffsetAt = 16;
export const sourceMarkAt = 24;

/**
 * Tells the partition that a relay wrote a record to. Many programs copy a record's headers to what they make of it, in another topic;
 * without the mark that would look like a record that the relay has sent twice.
 */
export const placeMark = (topic: string, partition: number): number => crc32(`${topic}/${partition}`);

/** Headers that tell how a record came to its site: what is made of it there has not come that way. */
export const isRelayHeader = (key: string): boolean =>
  key === siteHeader || key === routeHeader || key === sourceHeader;
