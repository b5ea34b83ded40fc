/** `dds up --ports auto` without the command line around it, for tests that kill it. */
import { up } from '../../src/runtime/stack/up.ts';
import { contextIn } from './lab.ts';

const interrupt = new AbortController();
process.on('SIGINT', () => interrupt.abort());
const context = contextIn(process.cwd(), interrupt.signal);
try {
  await up(
    { ports: 'auto', onEvent: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`) },
    context,
  );
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 3;
}
