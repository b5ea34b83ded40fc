import { DdsError, type ErrorCode } from '../../../errors/index.ts';
import { codeOf, kafkaErrorEntry, kafkaErrorName } from '../../protocol/index.ts';

/** A broker that cannot be reached, or no longer; an error that says why there is no connection stays what it is. */
export function unreachable(address: string, cause: unknown): DdsError {
  if (cause instanceof DdsError && isUnreachable(cause)) return cause;
  // A code of the system says it all; one of ours says less than its message.
  const code = cause instanceof DdsError ? undefined : (cause as NodeJS.ErrnoException).code;
  const why = cause instanceof Error ? (code ?? cause.message) : String(cause);
  return new DdsError('DDS_BROKER_UNREACHABLE', `broker ${address} does not answer (${why})`, { cause });
}

/** What a broker answered, as an error of ours; `details.kafka` keeps Kafka's name for it. */
export function kafkaError(code: number, doing: string): DdsError {
  const kafka = kafkaErrorName(code);
  return new DdsError(errorCodeOf(kafka), `${doing}: ${kafkaErrorEntry(code).message} (${kafka})`, {
    ...(kafka === BAD_NAME && { hint: nameHint }),
    details: { kafka },
  });
}

const BAD_NAME = 'INVALID_TOPIC_EXCEPTION';
const nameHint =
  'Name another topic: of letters, digits, ".", "_" and "-", at most 249, and none that the broker keeps for itself.';

function errorCodeOf(kafka: string): ErrorCode {
  if (kafka === 'UNKNOWN_TOPIC_OR_PARTITION' || kafka === 'UNKNOWN_TOPIC_ID') return 'DDS_UNKNOWN_TOPIC';
  if (kafka.endsWith('_AUTHORIZATION_FAILED')) return 'DDS_NOT_ALLOWED';
  return kafka === BAD_NAME ? 'DDS_USAGE' : 'DDS_KAFKA';
}

const unusable = new Set(['DDS_BROKER_UNREACHABLE', 'DDS_TLS', 'DDS_AUTHENTICATION', 'DDS_CREDENTIALS']);

/** There is no connection to work with. Whoever is patient tries again: a password may be changed at one end first. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof DdsError && unusable.has(error.code);

/** Nobody answers at all. */
export const isAway = (error: unknown): boolean =>
  error instanceof DdsError && error.code === 'DDS_BROKER_UNREACHABLE';

/** The topic or partition is not there, for all that the broker that was asked knows. */
export const isUnknownTopic = (error: unknown): boolean =>
  error instanceof DdsError && error.code === 'DDS_UNKNOWN_TOPIC';

/** The same, with the broker's own words where it gave some. */
export function refusal(code: number, doing: string, said: string | null): DdsError {
  const error = kafkaError(code, doing);
  if (!said) return error;
  // Of rights a broker says no more than that there are none.
  const what = error.code === 'DDS_NOT_ALLOWED' ? `${said} (${kafkaErrorName(code)})` : said;
  return new DdsError(error.code, `${doing}: ${what}`, {
    hint: error.hint,
    ...(error.details && { details: error.details }),
  });
}

const losses: ReadonlySet<string> = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
]);

/** Whether a coordinator says that a member of a group is out, or that what it holds is an old generation's. */
export const tellsLoss = (kafka: string): boolean => losses.has(kafka);

/** A member of a consumer group may no longer commit: others own its partitions, or will in a moment. */
export function partitionsLost(group: string, kafka: string): DdsError {
  return new DdsError('DDS_KAFKA', `group ${group} has given the partitions of this member away (${kafka})`, {
    hint: 'Nothing is lost: their new owner goes on from the last commit.',
    details: { kafka, group, partitionsLost: true },
  });
}

export const isPartitionsLost = (error: unknown): boolean =>
  error instanceof DdsError && error.details?.partitionsLost === true;

/** Another producer has taken the transactional id over, or the transaction was open for too long. */
export function producerFenced(transactionalId: string, kafka: string): DdsError {
  return new DdsError('DDS_FENCED', `transactional id ${transactionalId} is no longer ours (${kafka})`, {
    details: { kafka, transactionalId },
  });
}

/** True when the producer is of no more use: what it had open is aborted, and will not be shown to read_committed. */
export const isFenced = (error: unknown): boolean => error instanceof DdsError && error.code === 'DDS_FENCED';

/** Of these codes no retry of the same request helps, and doing the whole transaction again does. */
const ABORTABLE: ReadonlySet<string> = new Set([
  ...['TRANSACTION_ABORTABLE', 'INVALID_TXN_STATE', 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID'],
]);

/**
 * True when a transaction failed for a reason that need not come again: what was in it may be done once more, in another one, by
 * whoever has the partitions then.
 */
export function isAbortable(error: unknown): boolean {
  if (isPartitionsLost(error) || isFenced(error) || isUnreachable(error)) return true;
  const kafka = error instanceof DdsError ? error.details?.kafka : undefined;
  if (typeof kafka !== 'string') return false;
  return ABORTABLE.has(kafka) || kafkaErrorEntry(codeOf(kafka as Parameters<typeof codeOf>[0])).retriable;
}
