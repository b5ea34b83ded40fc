import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Clock } from '../../shared/clock.ts';
import type { DoctorCheck } from './doctor.ts';

const run = promisify(execFile);
const output = async (program: string, ...args: string[]): Promise<string | null> => {
  const answer = await run(program, args, { timeout: 2_000 }).catch(() => null);
  return answer?.stdout.trim() ?? null;
};
const mib = 1024 * 1024;
/** A site takes about this much with its sink, and the supervisor and the relay as much again. */
const neededMemory = 600 * mib;
/** A site opens three files a segment, and a connection is one. */
const neededFiles = 4_096;

export async function machineChecks(): Promise<DoctorCheck[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const newEnough = major > 22 || (major === 22 && minor >= 22);
  const free = Math.min(availableMemory(), process.constrainedMemory?.() || totalmem());
  return [
    {
      check: 'node',
      verdict: newEnough ? 'ok' : 'fail',
      found: `Node.js ${process.versions.node}`,
      todo: newEnough ? null : 'Install Node.js 22.22 or newer.',
    },
    {
      check: 'memory',
      verdict: free < neededMemory ? 'warn' : 'ok',
      found: `${Math.round(free / mib)} MiB free`,
      todo: free < neededMemory ? 'Close other programs, or use fewer sites: dds up --sites 1.' : null,
    },
  ];
}

function availableMemory(): number {
  const kib = /^MemAvailable:\s*(\d+) kB$/m.exec(read('/proc/meminfo'))?.[1];
  return kib ? Number(kib) * 1024 : process.availableMemory();
}

export async function limitChecks(): Promise<DoctorCheck[]> {
  const limit =
    /^Max open files\s+(\d+|unlimited)/m.exec(read('/proc/self/limits'))?.[1] ??
    (await output('sh', '-c', 'ulimit -n')) ??
    'unknown';
  const few = Number(limit) < neededFiles;
  return [
    {
      check: 'open files',
      verdict: few ? 'warn' : 'ok',
      found: `at most ${limit} for a process`,
      todo: few ? `Run ulimit -n ${neededFiles} before dds up.` : null,
    },
  ];
}

/** A wall clock that runs apart from the monotonic one is being set while we look. */
export async function clockChecks(clock: Clock): Promise<DoctorCheck[]> {
  const [wall, steady] = [clock.now(), clock.monotonic()];
  const [sync] = await Promise.all([
    output('timedatectl', 'show', '--property=NTPSynchronized', '--value'),
    clock.sleep(100),
  ]);
  const driftMs = Math.round(Math.abs(clock.now() - wall - (clock.monotonic() - steady)));
  const year = new Date(wall).getUTCFullYear();
  const odd = year < 2025 || year > 2100;
  const found = `${new Date(wall).toISOString()}${sync === 'no' ? ', not synchronised' : ''}${driftMs > 20 ? `, jumped by ${driftMs} ms` : ''}`;
  const bad = odd || driftMs > 20 || sync === 'no';
  return [
    {
      check: 'clock',
      verdict: bad ? 'warn' : 'ok',
      found,
      todo: bad ? 'Set the clock, or turn on NTP: latencies and retention depend on it.' : null,
    },
  ];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
