import type { TopSnapshot } from '../../runtime/data/top/types.ts';
import { singleLine } from '../../shared/printable.ts';
import { bytesText } from '../../shared/quantities.ts';
import { footerRow, helpRows, type KeyHint } from '../footer.ts';
import type { Key } from '../keys.ts';
import { Rows } from '../rows.tsx';
import type { Canvas, Screen, View } from '../run-view.tsx';
import { toWidth, truncate } from '../text.ts';
import type { Theme } from '../theme.ts';
import { type FollowLog, LogPane } from './log-pane.ts';
import { roleOf } from './section.ts';
import { byteRate, percent, rate, sectionsOf } from './sections.ts';
import { SectionsPane } from './sections-pane.ts';
import type { TopState } from './top-state.ts';

/** What the view can have done. */
export interface TopActions {
  /** Resolves with what to say about it, also when it failed. */
  restart(service: string): Promise<string>;
  followLog: FollowLog;
}

const listKeys: readonly KeyHint[] = [
  { keys: 'j k', does: 'select' },
  { keys: 'tab', does: 'section' },
  { keys: 'enter', does: 'log' },
  { keys: 'r', does: 'restart' },
  { keys: '?', does: 'help' },
  { keys: 'q', does: 'quit' },
];
const logKeys: readonly KeyHint[] = [
  { keys: 'esc', does: 'back' },
  { keys: 'j k', does: 'scroll' },
  { keys: 'G', does: 'follow' },
  { keys: 'w', does: 'wrap' },
  { keys: 'r', does: 'restart' },
  { keys: 'q', does: 'quit' },
];
const allKeys: readonly KeyHint[] = [
  { keys: 'j k, arrows', does: 'next and previous row, through all sections' },
  { keys: 'tab, shift+tab', does: 'next and previous section' },
  { keys: '1 to 5', does: 'sites, links, jobs, groups, events' },
  { keys: 'g G, ^d ^u', does: 'first and last row, half a page' },
  { keys: 'enter', does: 'the log of the service; a link has its relay' },
  { keys: 'esc', does: 'back' },
  { keys: 'G, w', does: 'in a log: follow it again, wrap its lines' },
  { keys: 'r', does: 'restart the service, after a question' },
  { keys: 'q, ^c', does: 'quit' },
];

/** The stack on the screen: sections to choose from, or the log of a service. */
export class TopView implements View {
  readonly #state: TopState;
  readonly #actions: TopActions;
  readonly #sections = new SectionsPane();
  #screen: Screen | null = null;
  #shown: TopSnapshot | null = null;
  #log: LogPane | null = null;
  #helps = false;
  /** The service that is to be restarted when the answer is yes. */
  #question: string | null = null;
  #notice: string | null = null;

  constructor(state: TopState, actions: TopActions) {
    this.#state = state;
    this.#actions = actions;
  }

  start(screen: Screen): void {
    this.#screen = screen;
  }

  /** There is something new in the state. */
  changed(): void {
    this.#screen?.redraw();
  }

  draw({ columns, rows, theme }: Canvas) {
    this.#update();
    const height = Math.max(1, rows - 3);
    const body = this.#helps
      ? helpRows('Keys', allKeys, columns, theme)
      : (this.#log?.rows(columns, height, theme) ?? this.#list(columns, height, theme));
    const filled = [...body, ...Array<string>(Math.max(0, height - body.length)).fill('')].slice(0, height);
    const hints = this.#log ? logKeys : listKeys;
    const lines = [
      this.#header(columns, theme),
      ...filled,
      this.#message(columns, theme),
      footerRow(this.#question === null ? hints : [], columns, theme),
    ];
    return <Rows rows={lines} height={rows} />;
  }

  press(key: Key): void {
    this.#update();
    this.#notice = null;
    if (this.#question !== null) this.#answer(key);
    else if (key === 'q') this.#quit();
    else if (this.#helps) this.#helps = false;
    else if (key === '?') this.#helps = true;
    else if (key === 'r') this.#ask();
    else if (this.#log !== null) this.#pressInLog(this.#log, key);
    else if (key === 'enter') this.#open();
    else this.#sections.press(key);
  }

  #update(): void {
    if (this.#shown === this.#state.snapshot) return;
    this.#shown = this.#state.snapshot;
    this.#sections.update(sectionsOf(this.#state.snapshot, this.#state.trends));
  }

  #list(width: number, height: number, theme: Theme): string[] {
    const { problem } = this.#state.snapshot;
    if (problem === null) return this.#sections.rows(width, height, theme);
    const told = [
      theme.paint('bad', truncate(singleLine(problem), width)),
      theme.paint('muted', truncate('The view goes on when it is back; q quits.', width)),
      '',
    ];
    return [...told, ...this.#sections.rows(width, height - told.length, theme)];
  }

  #header(width: number, theme: Theme): string {
    const { stack, state, engine, time, totals } = this.#state.snapshot;
    const { recordsInPerSecond, bytesInPerSecond, recordsOutPerSecond, bytesOutPerSecond } = totals;
    const figures = [
      `in ${rate(recordsInPerSecond)} ${byteRate(bytesInPerSecond)}`,
      `out ${rate(recordsOutPerSecond)} ${byteRate(bytesOutPerSecond)}`,
      `${percent(totals.cpuPercent)} CPU`,
      bytesText(totals.rssBytes),
      ...(engine === null ? [] : [engine]),
    ];
    const name = `${singleLine(stack)}  `;
    const clock = `  ${time.slice(11, 19)}`;
    const room = width - name.length - state.length - clock.length;
    // Whole figures only: half a number is a wrong one.
    let text = '';
    for (const figure of state === 'down' || state === 'silent' ? [] : figures) {
      if (text.length + 2 + figure.length > room) break;
      text += `  ${figure}`;
    }
    if (room < 0) return truncate(`${name}${state}`, width);
    return `${theme.paint('title', name)}${theme.paint(roleOf(state), state)}${toWidth(text, room)}${theme.paint('muted', clock)}`;
  }

  /** The question, what came of the last action, or what else there is to say of the row. */
  #message(width: number, theme: Theme): string {
    if (this.#question !== null) {
      return theme.paint('warning', truncate(`Restart ${this.#question}? y restarts it, n does not`, width));
    }
    if (this.#notice !== null) return theme.paint('accent', truncate(this.#notice, width));
    const log = this.#log;
    const text = log ? `log of ${log.service}: ${log.place}` : (this.#sections.selected?.detail ?? '');
    return theme.paint('muted', truncate(text, width));
  }

  #open(): void {
    const service = this.#sections.selected?.service;
    if (service) this.#log = new LogPane(service, this.#actions.followLog, () => this.changed());
    else this.#notice = 'It has no log of its own.';
  }

  #pressInLog(log: LogPane, key: Key): void {
    if (key !== 'esc' && key !== 'backspace') return void log.press(key);
    log.close();
    this.#log = null;
  }

  #ask(): void {
    this.#question = this.#log?.service ?? this.#sections.selected?.service ?? null;
    if (this.#question === null) this.#notice = 'It is no service: there is nothing to restart.';
  }

  #answer(key: Key): void {
    const service = this.#question;
    if (key === 'n' || key === 'esc' || key === 'q') this.#question = null;
    if (key !== 'y' || service === null) return;
    this.#question = null;
    this.#notice = `${service} is being restarted …`;
    void this.#actions.restart(service).then((said) => {
      this.#notice = singleLine(said);
      this.changed();
    });
  }

  #quit(): void {
    this.#log?.close();
    this.#screen?.quit();
  }
}
