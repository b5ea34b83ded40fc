import type { Header } from '../kafka/index.ts';

/** By name; a text is written as UTF-8. */
export type HeaderValues = Readonly<Record<string, string | Uint8Array | null>>;

export function kafkaHeaders(values: HeaderValues | undefined): Header[] | null {
  if (values === undefined) return null;
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? Buffer.from(value) : value,
  }));
}
