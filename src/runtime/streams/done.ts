/** Work that is over, or will be. A promise is only made where a function of the user's makes one. */
export type Done = void | Promise<void>;

export function isPromise(value: unknown): value is Promise<void> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Goes on with the value, at once or when it is there. */
export function whenDone<T>(value: T | Promise<T>, next: (value: T) => Done): Done {
  return isPromise(value) ? (value as unknown as Promise<T>).then(next) : next(value as T);
}

/** One after the other; a promise only where one of them makes one. */
export function eachInOrder<T>(items: readonly T[], visit: (item: T) => Done, from = 0): Done {
  for (let at = from; at < items.length; at++) {
    const done = visit(items[at]!);
    if (isPromise(done)) return done.then(() => eachInOrder(items, visit, at + 1));
  }
}

/** Goes on when it is over. */
export function afterwards(done: Done, next: () => Done): Done {
  return isPromise(done) ? done.then(next) : next();
}
