import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ReadOnlyDirectory extends Disposable {
  path: string;
}

/** A directory that nothing can be written to, after `fill` had its turn; null where that cannot be had. */
export function readOnlyDirectory(fill: (path: string) => void = () => undefined): ReadOnlyDirectory | null {
  const path = mkdtempSync(join(tmpdir(), 'dds-readonly-'));
  if (process.getuid?.() !== 0) {
    fill(path);
    chmodSync(path, 0o555);
    return {
      path,
      [Symbol.dispose]() {
        chmodSync(path, 0o755);
        rmSync(path, { recursive: true });
      },
    };
  }
  // Root may write whatever the rights say, but not to a file system that takes nothing.
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    return null;
  }
  fill(path);
  execFileSync('mount', ['-o', 'remount,ro', path]);
  return {
    path,
    [Symbol.dispose]() {
      execFileSync('umount', ['--lazy', path]);
      rmSync(path, { recursive: true });
    },
  };
}
