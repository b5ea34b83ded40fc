/** A sink in a process of its own, to be killed or measured. Argument: RunSinkOptions as JSON. */
import { runSink } from '../../src/runtime/jobs/sinks/index.ts';

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
await runSink(JSON.parse(process.argv[2]!) as Parameters<typeof runSink>[0], stop.signal);
