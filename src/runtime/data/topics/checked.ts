import { DdsError } from '../../../errors/index.ts';

/** What a broker says of a name, a number of partitions or a config that it does not take. */
const mistakes = ['INVALID_CONFIG', 'INVALID_TOPIC_EXCEPTION', 'INVALID_PARTITIONS', 'INVALID_REQUEST'];

/** Runs a check of the broker's; what it finds is a mistake in the command, so it becomes DDS_USAGE. */
export async function checked<T>(check: Promise<T>): Promise<T> {
  try {
    return await check;
  } catch (error) {
    if (!(error instanceof DdsError) || !mistakes.includes(String(error.details?.kafka))) throw error;
    throw new DdsError('DDS_USAGE', error.message, {
      hint: "Correct the name or value; nothing was changed. Topic configs are Kafka's, such as retention.ms.",
      cause: error,
      ...(error.details && { details: error.details }),
    });
  }
}
