import type { ReactNode } from 'react';
import { jsonFormat } from '../../runtime/data/tail/format.ts';
import type { LiveTail } from '../../runtime/data/tail/live/live-tail.ts';
import type { TopicCounts } from '../../runtime/data/tail/live/topic-counts.ts';
import { singleLine } from '../../shared/printable.ts';
import { bytesText } from '../../shared/quantities.ts';
import { copySequence, mostCopied } from '../clipboard.ts';
import { footerRow, helpRows } from '../footer.ts';
import type { Key } from '../keys.ts';
import { LineEditor } from '../line-editor.ts';
import { Rows } from '../rows.tsx';
import type { Canvas, Screen, View } from '../run-view.tsx';
import { textWidth, truncate } from '../text.ts';
import { Detail } from './detail.ts';
import { findError } from './find-error.ts';
import { headerRows, perSecond, plural, titleRow, whole } from './header.ts';
import { filterHints, helpHints, listHints, pickerHints } from './hints.ts';
import { listRows } from './list-rows.ts';
import { ListedRecords } from './listed-records.ts';
import { Picker } from './picker.ts';
import { RecordList } from './record-list.ts';

const noticeMs = 8000;
/** Rates fall when nothing comes. */
const tickMs = 1000;

type Mode = 'list' | 'filter' | 'sites' | 'topics' | 'help';

/** The live view of `dds tail`. */
export class TailView implements View {
  readonly #live: LiveTail;
  readonly #list: RecordList;
  readonly #records: ListedRecords;
  readonly #detail: Detail;
  readonly #sites: Picker;
  readonly #topics: Picker;
  #screen: Screen | null = null;
  #mode: Mode = 'list';
  #isDetailed = false;
  #filter = new LineEditor();
  #typed = '';
  #filterError: string | null = null;
  #searching: AbortController | null = null;
  #said: { text: string; atMs: number } | null = null;
  /** Rows of the list in the last frame. */
  #height = 10;

  constructor(live: LiveTail) {
    this.#live = live;
    this.#list = new RecordList(live);
    this.#records = new ListedRecords(live);
    this.#detail = new Detail(live);
    this.#sites = new Picker('sites', () => live.sites.map(({ site }) => site));
    this.#topics = new Picker('topics', () => [...new Set(live.counts.map(({ topic }) => topic))].sort());
  }

  start(screen: Screen): void {
    this.#screen = screen;
    this.#live.onChange = () => screen.redraw();
    const ticking = setInterval(() => screen.redraw(), tickMs);
    this.#live.signal.addEventListener('abort', () => clearInterval(ticking), { once: true });
  }

  draw(canvas: Canvas): ReactNode {
    this.#list.settle();
    const { rows: height, theme } = canvas;
    const head = [
      titleRow(this.#live, canvas),
      ...headerRows(this.#live, canvas, Math.max(2, Math.floor(height / 3)), (counts) =>
        this.#isHidden(counts),
      ),
    ];
    const foot = [...this.#filterRows(canvas), this.#lastRow(canvas)];
    const room = Math.max(0, height - head.length - foot.length);
    const middle = this.#middle(canvas, room);
    const rows = [...head, ...middle, ...Array(Math.max(0, room - middle.length)).fill(''), ...foot];
    return <Rows rows={rows.map((row) => row || theme.paint('muted', ''))} height={height} />;
  }

  press(key: Key): void {
    this.#searching?.abort();
    this.#said = null;
    if (this.#mode === 'filter') this.#pressFilter(key);
    else if (this.#mode === 'list') this.#pressList(key);
    else if (key === 'q' || key === 'esc' || key === 'enter' || key === '?') this.#mode = 'list';
    else if (this.#mode !== 'help')
      this.#pressPicker(this.#mode === 'sites' ? this.#sites : this.#topics, key);
  }

  #pressList(key: Key): void {
    const modes: Record<Key, Mode> = { '/': 'filter', s: 'sites', t: 'topics', '?': 'help' };
    const mode = Object.hasOwn(modes, key) ? modes[key]! : null;
    if (key === 'q') this.#screen?.quit();
    else if (key === 'space') {
      if (this.#list.isFollowing) this.#list.pause(this.#height);
      else this.#list.follow();
    } else if (key === 'enter') {
      this.#isDetailed = !this.#isDetailed;
      this.#list.pause(this.#height);
      this.#detail.top = 0;
    } else if (key === 'esc') this.#leave();
    else if (key === 'e' || key === 'E') void this.#toError(key === 'e' ? 1 : -1);
    else if (key === 'c') this.#copy();
    else if (key === 'w') this.#detail.isWrapped = !this.#detail.isWrapped;
    else if (this.#isDetailed && (key === 'J' || key === 'K')) this.#detail.top += key === 'J' ? 1 : -1;
    else if (mode) {
      this.#mode = mode;
      if (mode === 'filter') this.#filter = new LineEditor(this.#typed);
    } else if (this.#list.press(key, this.#height)) this.#detail.top = 0;
  }

  #pressFilter(key: Key): void {
    if (key === 'esc') {
      this.#mode = 'list';
      this.#filterError = null;
    } else if (key === 'enter') void this.#applyFilter(this.#filter.text);
    else this.#filter.press(key);
  }

  #pressPicker(picker: Picker, key: Key): void {
    if (!picker.press(key, this.#height)) return;
    const hidden = this.#live.partitions.filter(({ counts }) => this.#isHidden(counts));
    this.#list.hidden = new Set(hidden.map(({ number }) => number));
    if (this.#list.isFollowing) this.#list.follow();
  }

  /** What `esc` goes back from: the detail, then the filter. */
  #leave(): void {
    if (this.#isDetailed) this.#isDetailed = false;
    else if (this.#typed !== '') void this.#applyFilter('');
  }

  async #applyFilter(text: string): Promise<void> {
    try {
      await this.#live.setFilter(text);
      this.#typed = text.trim();
      this.#filterError = null;
      this.#mode = 'list';
    } catch (error) {
      this.#filterError = (error as Error).message;
    }
    this.#screen?.redraw();
  }

  async #toError(step: 1 | -1): Promise<void> {
    const searching = new AbortController();
    this.#searching = searching;
    this.#list.pause(this.#height);
    this.#say('looking for a record that cannot be decoded …');
    const found = await findError(this.#list, this.#records, step, searching.signal);
    if (searching.signal.aborted) return;
    if (found === null) this.#say('every other record that is kept can be decoded');
    else {
      this.#list.choose(found);
      this.#said = null;
    }
    this.#screen?.redraw();
  }

  #copy(): void {
    const sequence = this.#list.chosen;
    const listed = sequence === null ? null : this.#records.get(sequence);
    if (!listed?.record) return;
    const line = jsonFormat(listed.partition.tail.place)(listed.record).trimEnd();
    if (line.length > mostCopied) {
      this.#say(`not copied: ${bytesText(line.length)} are more than terminals take`);
      return;
    }
    this.#screen?.send(copySequence(line));
    this.#say(`copied the record as JSON, ${bytesText(line.length)}`);
  }

  #isHidden({ site, topic }: TopicCounts): boolean {
    return this.#sites.hidden.has(site) || this.#topics.hidden.has(topic);
  }

  #middle(canvas: Canvas, room: number): string[] {
    if (this.#mode === 'help') {
      return [this.#line('help', canvas), ...helpRows('Keys', helpHints, canvas.columns, canvas.theme)].slice(
        0,
        room,
      );
    }
    if (this.#mode === 'sites' || this.#mode === 'topics') {
      const picker = this.#mode === 'sites' ? this.#sites : this.#topics;
      this.#height = room - 1;
      return [this.#line(`${picker.title} to show`, canvas), ...picker.rows(canvas, room - 1)];
    }
    const detailRoom = this.#isDetailed ? Math.max(Math.floor(room / 2), Math.min(room - 6, 13)) : 0;
    // The line above and the titles.
    this.#height = Math.max(1, room - detailRoom - 2);
    const shown = this.#list.rows(this.#height);
    const listed = shown.map((sequence) => this.#records.get(sequence));
    const chosen = this.#list.chosen;
    const mark = this.#list.isFollowing || chosen === null ? -1 : shown.indexOf(chosen);
    const list = listRows(this.#live, listed, mark, canvas);
    const rows = [this.#line(this.#state(), canvas), ...list];
    if (!this.#isDetailed) return rows.slice(0, room);
    const empty = Array(Math.max(0, room - detailRoom - rows.length)).fill('');
    const one = chosen === null ? null : this.#records.get(chosen);
    const detail = this.#detail.rows(one, canvas, detailRoom - 1);
    return [...rows, ...empty, this.#line('detail', canvas), ...detail];
  }

  /** What the list does with what comes. */
  #state(): string {
    if (!this.#list.isFollowing) {
      const { older, newer, missed } = this.#list.around;
      const lost = missed > 0 ? ` · ${whole.format(missed)} more not kept, there is no room` : '';
      return `paused · ${whole.format(older)} older · ${whole.format(newer)} newer${lost}`;
    }
    const { shown, offered } = this.#list.rates;
    if (offered <= shown) return 'following';
    return `following a sample · ${whole.format(shown)} of ${perSecond(offered)}`;
  }

  #line(text: string, { columns, theme }: Canvas): string {
    const shown = truncate(text, columns - 6);
    return `${theme.paint('muted', '── ')}${shown}${theme.paint('muted', ` ${'─'.repeat(Math.max(0, columns - 4 - textWidth(shown)))}`)}`;
  }

  #filterRows({ columns, theme }: Canvas): string[] {
    const rows: string[] = [];
    const { filter } = this.#live;
    if (this.#mode === 'filter') {
      rows.push(`${theme.paint('key', '/')} ${this.#filter.row(theme, columns - 3)}`);
      if (this.#filterError)
        rows.unshift(theme.paint('bad', truncate(singleLine(this.#filterError), columns)));
    } else if (filter) {
      const { scanned, matched, backlog, trouble } = filter;
      const still = backlog > 0 ? `, ${whole.format(backlog)} to go` : '';
      const said = `  ${whole.format(matched)} of ${plural(scanned, 'record')} matched${still}${trouble ? `; ${singleLine(trouble)}` : ''}`;
      const text = truncate(singleLine(filter.text), Math.max(10, columns - 2 - textWidth(said)));
      rows.push(
        `${theme.paint('key', '/')} ${text}${theme.paint('muted', truncate(said, columns - 2 - textWidth(text)))}`,
      );
    }
    return rows;
  }

  #lastRow({ columns, theme }: Canvas): string {
    const now = this.#live.clock.monotonic();
    const { notice } = this.#live;
    const said = this.#said ?? notice;
    if (said && now - said.atMs < noticeMs)
      return theme.paint('warning', truncate(singleLine(said.text), columns));
    const hints = {
      list: listHints,
      help: listHints,
      filter: filterHints,
      sites: pickerHints,
      topics: pickerHints,
    };
    return footerRow(hints[this.#mode], columns, theme);
  }

  #say(text: string): void {
    this.#said = { text, atMs: this.#live.clock.monotonic() };
  }
}
