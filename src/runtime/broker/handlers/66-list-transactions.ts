import { codeOf, listTransactions } from '../../protocol/index.ts';
import { expression } from '../state/expression.ts';
import { type TransactionState, transactionStates } from '../state/transaction.ts';
import { coordinates } from './coordinators.ts';
import { handler } from './handler.ts';

/** ListTransactions 0–2: filtered by state and producer id, from 1 by how long they are open, from 2 by id. */
export const listTransactionsHandler = handler(listTransactions, (request, context) => {
  const { broker } = context;
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
  const pattern = patternOf(transactionalIdPattern);
  if (!pattern)
    return {
      errorCode: codeOf('INVALID_REGULAR_EXPRESSION'),
      ...{ unknownStateFilters: [], transactionStates: [] },
    };
  const isState = (name: string): name is TransactionState =>
    (transactionStates as readonly string[]).includes(name);
  const states = stateFilters.filter(isState);
  const nowMs = broker.clock.now();
  const found = broker.transactions
    .all()
    .filter(({ id }) => coordinates(context, id))
    .filter(({ state }) => stateFilters.length === 0 || states.includes(state))
    .filter(({ producerId }) => producerIdFilters.length === 0 || producerIdFilters.includes(producerId))
    // As in Kafka the age of one that was never begun counts from 1970.
    .filter(({ startedAtMs }) => durationFilter < 0 || nowMs - startedAtMs > durationFilter)
    .filter(({ id }) => pattern(id));
  return {
    errorCode: 0,
    unknownStateFilters: stateFilters.filter((name) => !isState(name)),
    transactionStates: found.map(({ id, producerId, state }) => ({
      transactionalId: id,
      producerId,
      transactionState: state,
    })),
  };
});

/** Null when it is none. */
function patternOf(text: string | null): ((id: string) => boolean) | null {
  try {
    return text ? expression(text) : () => true;
  } catch {
    return null;
  }
}
