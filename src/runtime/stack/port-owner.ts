import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { allPids, commandLine, environmentOf } from './process-table.ts';

export interface PortOwner {
  pid: number;
  /** For a message: `stack "plant" (process 4711)` or `process 4711 (python3 -m http.server)`. */
  text: string;
  /** Set when the owner belongs to a stack. */
  stack: { name: string; cwd: string } | null;
}

/** Who listens on a TCP port of this machine; null when the system does not tell (not Linux, another user's process). */
export function portOwner(port: number): PortOwner | null {
  if (process.platform !== 'linux') return null;
  const inodes = listeningInodes(port);
  const pid = inodes.size > 0 ? allPids().find((candidate) => holdsSocket(candidate, inodes)) : undefined;
  if (pid === undefined) return null;
  const directory = environmentOf(pid, 'DDS_STACK_DIRECTORY');
  if (directory) {
    const stack = { name: basename(directory), cwd: dirname(dirname(directory)) };
    return { pid, text: `the stack "${stack.name}" in ${stack.cwd} (process ${pid})`, stack };
  }
  const command = commandLine(pid)?.slice(0, 80);
  return { pid, text: `process ${pid}${command ? ` (${command})` : ''}`, stack: null };
}

/** proc_pid_net(5): local address `0100007F:2384` in hexadecimal, state 0A is LISTEN, the tenth field is the inode. */
function listeningInodes(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => read(file).split('\n').slice(1));
  return new Set(
    rows
      .map((row) => row.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === '0A')
      .map((fields) => `socket:[${fields[9]}]`),
  );
}

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
