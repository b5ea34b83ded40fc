import { headersJson } from '../../runtime/data/tail/format.ts';
import type { LiveTail } from '../../runtime/data/tail/live/live-tail.ts';
import type { SchemaOrigin } from '../../runtime/data/tail/record-consumer.ts';
import { readWireId } from '../../runtime/serde/index.ts';
import { singleLine } from '../../shared/printable.ts';
import { prettyJson } from '../pretty-json.ts';
import type { Canvas } from '../run-view.tsx';
import { toWidth, truncate, wrapText } from '../text.ts';
import { plural } from './header.ts';
import { hopText, keyText } from './list-rows.ts';
import type { ListedRecord } from './listed-records.ts';

const labelWidth = 9;
/** Bytes that no schema explains are shown so far. */
const hexBytes = 1024;

/** Everything about one record, as lines of any length. */
export class Detail {
  readonly #live: LiveTail;
  /** By site and id. */
  readonly #schemas = new Map<string, SchemaOrigin | null>();
  /** First line that is seen. */
  top = 0;
  isWrapped = true;

  constructor(live: LiveTail) {
    this.#live = live;
  }

  rows(listed: ListedRecord | null, { columns, theme }: Canvas, height: number): string[] {
    const lines = listed ? this.#lines(listed) : ([['', 'no record']] as const);
    const width = columns - labelWidth - 1;
    const rows = lines.flatMap(([label, text]) => {
      const safe = singleLine(text);
      const parts = this.isWrapped ? wrapText(safe, width) : [truncate(safe, width)];
      return parts.map(
        (part, at) =>
          `${theme.paint('muted', toWidth(at === 0 ? label : '', labelWidth))} ${label === 'error' ? theme.paint('bad', part) : part}`,
      );
    });
    this.top = Math.max(0, Math.min(this.top, rows.length - height));
    return rows.slice(this.top, this.top + height);
  }

  #lines({ partition, record, offset, timestamp }: ListedRecord): (readonly [string, string])[] {
    const { site, topic, partition: number } = partition.tail.place;
    const hop = record ? this.#live.hops.of(record, partition) : Number.NaN;
    const lines: (readonly [string, string])[] = [
      ['record', `${site} ${topic}/${number}@${offset}`],
      ['time', `${timestamp < 0 ? 'none' : new Date(timestamp).toISOString()}`],
    ];
    if (!Number.isNaN(hop)) lines.push(['hop', `${hopText(hop)} from the edge to the centre`]);
    if (record === null) return [...lines, ['value', 'waiting for its schema']];
    lines.push(['key', keyText(record)]);
    const id = record.value && readWireId(record.value);
    if (id !== null) lines.push(['schema', this.#schemaText(site, id)]);
    if (record.headers.length > 0) {
      lines.push(...labelled('headers', prettyJson(headersJson(record.headers))));
    }
    if (record.error !== null) {
      const { value } = record;
      lines.push(['error', record.error], ['bytes', plural(value?.length ?? 0, 'byte')]);
      if (value) lines.push(['', value.toString('hex', 0, hexBytes).replace(/../g, '$& ')]);
    } else {
      lines.push(...labelled('value', prettyJson(record.valueJson!)));
    }
    return lines;
  }

  #schemaText(site: string, id: number): string {
    const name = `${site}/${id}`;
    const origin = this.#schemas.get(name);
    if (origin === undefined) {
      this.#schemas.set(name, null);
      void this.#live.sites
        .find((one) => one.site === site)
        ?.describeSchema(id)
        .then((found) => {
          this.#schemas.set(name, found);
          this.#live.changed();
        });
    }
    if (!origin) return `id ${id}`;
    const versions = origin.versions.map(({ subject, version }) => `${subject} version ${version}`);
    return [`id ${id}`, origin.name, ...versions].join(', ');
  }
}

const labelled = (label: string, lines: readonly string[]) =>
  lines.map((line, at) => [at === 0 ? label : '', line] as const);
