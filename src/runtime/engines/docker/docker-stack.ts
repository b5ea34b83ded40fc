import { createHash } from 'node:crypto';
import { basename } from 'node:path';

/** A stack as its containers, volumes and network know it. */
export interface DockerStack {
  /** Absolute path of `.dds/<stack>`: no other stack of this machine has it. */
  readonly directory: string;
  /** Begins the name of everything of it. */
  readonly prefix: string;
}

export function dockerStack(directory: string): DockerStack {
  const id = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  return { directory, prefix: `dds-${basename(directory).toLowerCase()}-${id}` };
}

/** On every container, volume and network of ours; what is left of a killed stack is found by them. */
export const labels = {
  stack: 'io.dds-lab.stack',
  site: 'io.dds-lab.site',
  part: 'io.dds-lab.part',
  /** Of all that a container was made from: one with another is another container. */
  hash: 'io.dds-lab.hash',
} as const;
