import { isFree } from '../../src/runtime/stack/ports.ts';

/** Below what systems hand out by themselves, and below what dds takes for stacks. */
const first = 12_000;
const count = 8_000;

/**
 * A free port for a broker that is killed and comes back there. One that the system had chosen could meanwhile be given to
 * a broker of another test, which knows nothing of our topics and producers.
 */
export async function steadyPort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    if (await isFree(port)) return port;
  }
}
