import { readFileSync } from 'node:fs';

/** CPU seconds of a process so far, user and system; NaN when it is gone. Linux. */
export function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** Proportional set size in MiB: shared pages are divided among those who share them; NaN when it is gone. */
export function pssMiB(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

const status = (pid: number, field: string) =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) /
  1024;

/** Resident set size in MiB. */
export const rssMiB = (pid: number): number => status(pid, 'VmRSS');
/** The greatest it ever was. */
export const peakRssMiB = (pid: number): number => status(pid, 'VmHWM');
