/** A difference between the embedded broker and Apache Kafka that is known, and why there is one. */
export interface AcceptedDifference {
  /** Of the script, as a glob. */
  operation: string;
  /** Place in the answer, as a glob. */
  field: string;
  reason: string;
  /** Where only the embedded broker has a text; the other one has nothing there. */
  isOursAlone?: true;
  /** Seen only at the sites of a stack, whose brokers are not set up for the comparison. */
  isAtSites?: true;
  /** Met in most runs only: it hangs on the hash of a name that is new in each. */
  isByChance?: true;
}

type Rest = Omit<AcceptedDifference, 'operation' | 'field' | 'reason'>;
export const on = (
  operation: string,
  field: string,
  reason: string,
  rest: Rest = {},
): AcceptedDifference => ({
  ...{ operation, field, reason, ...rest },
});
export const words = (operation: string, reason: string): AcceptedDifference =>
  on(operation, '*rrorMessage', reason, { isOursAlone: true });

/** `list[key]` of any of these keys, with all that is in it. */
export const among = (list: string, keys: readonly (string | number)[]) =>
  `/^${list}\\[(?:${keys.join('|')})\\]/`;
