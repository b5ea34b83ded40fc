/** Entry of the supervisor process. It is given a stack over IPC, runs it, and ends when the stack has stopped. */
import { DdsError } from '../../errors/index.ts';
import { systemClock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/logger.ts';
import { superviseStack } from './supervise.ts';
import type { SupervisorReply, UpMessage } from './supervisor-channel.ts';

const log = createLogger({ service: 'supervisor' }, process.env.DDS_LOG_LEVEL ?? 'info');
const stop = new AbortController();
let detached = false;

const tell = (event: SupervisorReply) => {
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
};

process.on('message', (message: UpMessage) => {
  if (message.type === 'detach') {
    detached = true;
    if (process.connected) process.disconnect();
  } else void run(message.request);
});
process.on('disconnect', () => {
  if (!detached) leave('dds up has gone');
});
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => leave(name));
if (!process.connected) leave('nobody started it');

let running = false;
function leave(reason: string): void {
  log.info({ reason }, 'stopping');
  stop.abort();
  if (!running) process.exit();
}

async function run(request: Parameters<typeof superviseStack>[0]): Promise<void> {
  running = true;
  try {
    await superviseStack(request, { clock: systemClock, log, tell, signal: stop.signal, env: process.env });
  } catch (thrown) {
    const error = DdsError.from(thrown);
    log.error({ code: error.code, err: error.stack }, error.message);
    tell({ type: 'failed', error: error.toBody() });
    process.exitCode = error.entry.exitCode;
  }
  if (process.connected) process.disconnect();
  process.exit();
}
