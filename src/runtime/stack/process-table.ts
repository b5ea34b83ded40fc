import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process, told apart from a later one that got the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in a form that only compares for equality. */
  started: string;
}

interface ProcStat {
  state: string;
  parent: number;
  group: number;
  cpuMs: number;
  startTicks: string;
}

/** Linux tells CPU time in ticks of 10 ms on every machine that Node supports. */
const tickMs = 10;
const hasProc = process.platform === 'linux';

/** Null when there is no such process; a zombie counts as gone. */
export function identify(pid: number): ProcessIdentity | null {
  if (hasProc) {
    const stat = readStat(pid);
    return stat && stat.state !== 'Z' && stat.state !== 'X'
      ? { pid, started: `${bootId()}:${stat.startTicks}` }
      : null;
  }
  const ps = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const started = ps.stdout?.trim();
  return started ? { pid, started } : null;
}

export const isAlive = (process: ProcessIdentity): boolean =>
  identify(process.pid)?.started === process.started;

/** True for a process that does not run because of SIGSTOP; false where the system does not tell. */
export const isStopped = (pid: number): boolean => hasProc && readStat(pid)?.state === 'T';

export interface ProcessUsage {
  rssBytes: number | null;
  cpuMs: number | null;
}

/** Memory and CPU time of a process, or of a whole process group. */
export function usage(pid: number, wholeGroup = false): ProcessUsage {
  const own = hasProc ? readStat(pid) : null;
  if (!own) return { rssBytes: null, cpuMs: null };
  let rssBytes = readRss(pid);
  let cpuMs = own.cpuMs;
  for (const other of wholeGroup ? allPids() : []) {
    const stat = other === pid ? null : readStat(other);
    if (stat?.group !== pid) continue;
    rssBytes += readRss(other);
    cpuMs += stat.cpuMs;
  }
  return { rssBytes, cpuMs };
}

/** Processes whose environment has `name=value`, without this one and those it descends from. Empty off Linux. */
export function withEnvironment(name: string, value: string): ProcessIdentity[] {
  if (!hasProc) return [];
  const marker = `\0${name}=${value}\0`;
  const own = new Set<number>();
  for (let pid = process.pid; pid > 1 && !own.has(pid); pid = readStat(pid)?.parent ?? 0) own.add(pid);
  return allPids()
    .filter((pid) => !own.has(pid) && `\0${readText(`/proc/${pid}/environ`) ?? ''}\0`.includes(marker))
    .map(identify)
    .filter((found) => found !== null);
}

/** The value of a variable in another process's environment. */
export function environmentOf(pid: number, name: string): string | null {
  const entries = readText(`/proc/${pid}/environ`)?.split('\0') ?? [];
  return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
}

export const commandLine = (pid: number): string | null =>
  readText(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim() || null;

export const allPids = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger);

/** Sends a signal; a process that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, or not ours any more.
  }
}

function readStat(pid: number): ProcStat | null {
  const text = readText(`/proc/${pid}/stat`);
  if (!text) return null;
  // The name in parentheses may hold anything, even a parenthesis; the numbers follow the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? 'X',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    startTicks: fields[19] ?? '',
  };
}

function readRss(pid: number): number {
  const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kib ?? 0) * 1024;
}

/** After a restart of the machine the same pid and ticks may come again. */
const bootId = (): string => readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
