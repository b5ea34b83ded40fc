// A relay as a process of its own, to be killed. Its options come as JSON.
import { Registry } from 'prom-client';
import { createRelay, type RelayOptions } from '../../src/runtime/jobs/relay/index.ts';
import { silentLogger } from '../../src/shared/logger.ts';

const options = JSON.parse(process.argv[2]!) as Omit<RelayOptions, 'metrics' | 'log'>;
const relay = createRelay({ ...options, metrics: new Registry(), log: silentLogger });
await relay.start(new AbortController().signal);
process.stdout.write('ready\n');
relay.ended?.catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
