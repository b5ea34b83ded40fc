import type { LogLine } from '../../runtime/stack/logs.ts';
import { logFacts, logSeverity, logTime } from '../../shared/log-text.ts';
import { singleLine } from '../../shared/printable.ts';
import type { Key } from '../keys.ts';
import { toWidth, truncate, wrapText } from '../text.ts';
import type { Theme } from '../theme.ts';

/** As many are kept; a log that is longer is in its file. */
const keptLines = 5000;
/** A line that is longer is cut: nobody reads on. */
const longestLine = 8000;

/** What a source of lines gives the pane. */
export type FollowLog = (service: string, signal: AbortSignal) => AsyncGenerator<LogLine, void, undefined>;

interface ShownLine {
  time: string;
  level: string;
  text: string;
}

/** The log of one service: the last lines, and new ones as they come for as long as it is open. */
export class LogPane {
  readonly service: string;
  readonly #closed = new AbortController();
  readonly #lines: ShownLine[] = [];
  /** Lines that were dropped so far: the place of a line is counted from the first that ever came. */
  #dropped = 0;
  /** Place of the last line that is seen; null to follow the newest. */
  #last: number | null = null;
  #wraps = false;
  #problem: string | null = null;
  #height = 1;

  constructor(service: string, follow: FollowLog, changed: () => void) {
    this.service = service;
    void this.#read(follow, changed);
  }

  close(): void {
    this.#closed.abort();
  }

  /** False for a key that means nothing here. */
  press(key: Key): boolean {
    const end = this.#dropped + this.#lines.length - 1;
    const half = Math.max(1, Math.floor(this.#height / 2));
    const page = Math.max(1, this.#height - 1);
    const steps: Readonly<Record<Key, number>> = {
      ...{ j: 1, down: 1, k: -1, up: -1, 'ctrl+d': half, 'ctrl+u': -half, pgdn: page, pgup: -page },
      ...{ space: page, g: Number.NEGATIVE_INFINITY, home: Number.NEGATIVE_INFINITY },
      ...{ G: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY },
    };
    if (key === 'w') this.#wraps = !this.#wraps;
    else if (Object.hasOwn(steps, key)) {
      const first = Math.min(end, this.#dropped + this.#height - 1);
      const last = Math.max(first, (this.#last ?? end) + steps[key]!);
      this.#last = last >= end ? null : last;
    } else return false;
    return true;
  }

  /** `following`, or how far back it is. */
  get place(): string {
    if (this.#problem !== null) return this.#problem;
    if (this.#last === null) return 'following';
    return `${this.#dropped + this.#lines.length - 1 - this.#last} newer lines below, G follows`;
  }

  /** The rows, as many as asked for, the newest at the bottom. */
  rows(width: number, height: number, theme: Theme): string[] {
    this.#height = height;
    const last = Math.max(0, (this.#last ?? Number.POSITIVE_INFINITY) - this.#dropped);
    const rows: string[] = [];
    for (let at = Math.min(last, this.#lines.length - 1); at >= 0 && rows.length < height; at--)
      rows.unshift(...this.#lineRows(this.#lines[at]!, width, theme));
    return rows.slice(-height);
  }

  #lineRows({ time, level, text }: ShownLine, width: number, theme: Theme): string[] {
    const head = `${time}  ${toWidth(level, 5)}  `;
    const severity = logSeverity[level];
    const shownLevel = severity ? theme.paint(severity, toWidth(level, 5)) : toWidth(level, 5);
    const painted = `${theme.paint('muted', time)}  ${shownLevel}  `;
    const room = width - head.length;
    if (room < 20) return [truncate(`${time} ${text}`, width)];
    const [first = '', ...rest] = this.#wraps ? wrapText(text, room) : [truncate(text, room)];
    return [painted + first, ...rest.map((row) => ' '.repeat(head.length) + row)];
  }

  async #read(follow: FollowLog, changed: () => void): Promise<void> {
    try {
      for await (const line of follow(this.service, this.#closed.signal)) {
        const facts = logFacts(line.fields);
        const text = singleLine(`${line.message}${facts ? `  ${facts}` : ''}`.slice(0, longestLine));
        this.#lines.push({ time: logTime(line.time), level: singleLine(line.level), text });
        if (this.#lines.length > keptLines) {
          this.#lines.shift();
          this.#dropped++;
        }
        changed();
      }
    } catch (error) {
      this.#problem = singleLine((error as Error).message);
      changed();
    }
  }
}
