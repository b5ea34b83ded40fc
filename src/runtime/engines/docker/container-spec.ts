import { createHash } from 'node:crypto';

/** A container as it is made. */
export interface ContainerSpec {
  /** Unique at its site: `kafka-1`, `registry`, `cassandra`. */
  readonly part: string;
  readonly name: string;
  readonly image: string;
  /** Its host name for the other containers of the stack. */
  readonly alias: string;
  readonly env: Readonly<Record<string, string>>;
  /** Published on 127.0.0.1. */
  readonly ports: readonly { readonly container: number; readonly host: number }[];
  /** Where its data is; it outlives the container. */
  readonly volume: { readonly name: string; readonly path: string } | null;
  readonly command: readonly string[] | null;
  /** About what it takes when it works, MiB. */
  readonly memoryMib: number;
}

export const hashOf = (spec: ContainerSpec): string =>
  createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16);
