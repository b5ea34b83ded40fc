/** Beside a topic: what of it could not be relayed, stored or worked on, byte by byte. */
export const deadLetterSuffix = '.dead-letter';

/** Headers that a dead letter has beside those that it came with. */
export const deadLetterHeaders = {
  /** Why it could not be worked on. */
  reason: 'dds-dead-letter-reason',
  /** Where it was: `<topic>/<partition>@<offset>`. */
  source: 'dds-dead-letter-source',
  /** The offset alone, of letters in the same partition as in their topic; and the id of that topic. */
  offset: 'dds-dead-letter-offset',
  topicId: 'dds-dead-letter-topic-id',
  /** Where it could not be written to. */
  topic: 'dds-dead-letter-topic',
} as const;

/** A header in text. */
export const deadLetterHeader = (name: keyof typeof deadLetterHeaders, text: string) => ({
  key: deadLetterHeaders[name],
  value: Buffer.from(text),
});
