/** `21:04:05.123` of an ISO time, as wide when there is none. */
export const logTime = (time: string | null): string => (time ? time.slice(11, 23) : '–'.padEnd(12));

/** What a line of a log says beside its message: `key=value key=value`. */
export const logFacts = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');

/** Which levels are worth a look. */
export const logSeverity: Readonly<Record<string, 'warning' | 'bad'>> = {
  ...{ warn: 'warning', error: 'bad', fatal: 'bad' },
};
