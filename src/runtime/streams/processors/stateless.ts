import { type Done, eachInOrder, whenDone } from '../done.ts';
import type { Maybe } from '../dsl-types.ts';
import type { NodeContext, ProcessorFactory } from '../processor.ts';

type KeyValue = readonly [key: unknown, value: unknown];

export const filterProcessor =
  (predicate: (key: unknown, value: unknown) => Maybe<boolean>, wanted: boolean): ProcessorFactory =>
  (context) => ({
    process: (key, value, timestamp, headers) =>
      whenDone(predicate(key, value), (fits) =>
        fits === wanted ? context.forward(key, value, timestamp, headers) : undefined,
      ),
  });

export const mapProcessor =
  (mapper: (key: unknown, value: unknown) => Maybe<KeyValue>): ProcessorFactory =>
  (context) => ({
    process: (key, value, timestamp, headers) =>
      whenDone(mapper(key, value), ([newKey, newValue]) =>
        context.forward(newKey, newValue, timestamp, headers),
      ),
  });

export const mapValuesProcessor =
  (mapper: (value: unknown, key: unknown) => Maybe<unknown>): ProcessorFactory =>
  (context) => ({
    process: (key, value, timestamp, headers) =>
      whenDone(mapper(value, key), (mapped) => context.forward(key, defined(mapped), timestamp, headers)),
  });

export const flatMapProcessor =
  (mapper: (key: unknown, value: unknown) => Maybe<Iterable<KeyValue>>): ProcessorFactory =>
  (context) => ({
    process: (key, value, timestamp, headers) =>
      whenDone(mapper(key, value), (pairs) =>
        eachInOrder([...pairs], ([newKey, newValue]) =>
          context.forward(newKey, newValue, timestamp, headers),
        ),
      ),
  });

/** Calls back and passes the record on; `terminal` passes nothing on. */
export const peekProcessor =
  (action: (key: unknown, value: unknown) => Maybe<unknown>, terminal: boolean): ProcessorFactory =>
  (context) => ({
    process: (key, value, timestamp, headers) =>
      whenDone(action(key, value), () =>
        terminal ? undefined : context.forward(key, value, timestamp, headers),
      ),
  });

export const passProcessor: ProcessorFactory = (context) => ({
  process: (key, value, timestamp, headers) => context.forward(key, value, timestamp, headers),
});

/** In front of a repartition topic: a key decides the partition, so a record without one cannot go on. */
export const keyedOnlyProcessor: ProcessorFactory = (context: NodeContext) => ({
  process: (key, value, timestamp, headers): Done =>
    key === null ? undefined : context.forward(key, value, timestamp, headers),
});

/** A function that forgot to return would silently delete rows. */
export function defined<T>(value: T | undefined): T {
  if (value === undefined)
    throw new TypeError('a function of the topology returned undefined; return null for no value');
  return value;
}
