import type { Logger } from '../../../shared/logger.ts';
import type { Gap } from './survey.ts';

/** Records that are gone for good. */
export interface Damage extends Gap {
  /** Directory of the partition. */
  partition: string;
  /** First offset of the segment. */
  segment: number;
}

const MAX_REMEMBERED = 20;

/** What is wrong with the disk now, and what was found damaged since the start. One for the whole broker. */
export class StorageHealth {
  readonly #log: Logger;
  /** One line; null while writing works. */
  trouble: string | null = null;
  damages: Damage[] = [];
  damageCount = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Damage has been cut out; it is told once, here. */
  damaged(damage: Damage): void {
    const { fromOffset, toOffset } = damage;
    this.remember(damage);
    const lost = toOffset > fromOffset ? `offsets ${fromOffset} to ${toOffset - 1} are lost` : 'it is cut';
    this.#log.error(damage, `damage in a log segment: ${lost}, the rest is served`);
  }

  /** For `info()`. */
  remember(damage: Damage): void {
    this.damageCount++;
    if (this.damages.length < MAX_REMEMBERED) this.damages.push(damage);
  }

  /** A write failed. Told once, not for every write, until it works again. */
  writeFailed(error: unknown, where: string): void {
    const reason = reasonOf(error);
    if (this.trouble === null) this.#log.error({ where, err: String(error) }, `cannot write: ${reason}`);
    this.trouble = `cannot write: ${reason}`;
  }

  /** Changes what is on disk; null, and told, when the disk does not take it. */
  attempt<T>(where: string, change: () => T): T | null {
    try {
      return change();
    } catch (error) {
      if (!isDiskError(error)) throw error;
      this.writeFailed(error, where);
      return null;
    }
  }

  writesAgain(): void {
    if (this.trouble === null) return;
    this.trouble = null;
    this.#log.info({}, 'writing works again');
  }
}

const REASONS: Record<string, string> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk has an I/O error',
  EROFS: 'the file system is read-only',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EEXIST: 'a file is in its place',
  ENOTDIR: 'a file is in its place',
  EMFILE: 'too many open files',
};

const isDiskError = (error: unknown): boolean =>
  String((error as NodeJS.ErrnoException | null)?.code ?? '') in REASONS;

/** In words, for a person. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
