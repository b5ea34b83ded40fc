import type { Key } from '../keys.ts';
import { ListCursor } from '../list-cursor.ts';
import { columnWidths, headRow, tableRow } from '../table.ts';
import type { Theme } from '../theme.ts';
import { shareRows } from './heights.ts';
import type { Section, SectionName, SectionRow } from './section.ts';

/** Where the cursor of a section is: at a row, whatever place that has; null stays at the place. */
interface Place {
  cursor: ListCursor;
  key: string | null;
  /** Rows on the screen, as drawn last. */
  height: number;
}

/** The sections one below the other, with a cursor that goes through all of them. */
export class SectionsPane {
  #sections: readonly Section[] = [];
  #focus = 0;
  readonly #places = new Map<SectionName, Place>();

  /** The row that the cursor is on. */
  get selected(): SectionRow | null {
    const section = this.#sections[this.#focus];
    return section?.rows[this.#place(section.name).cursor.selected] ?? null;
  }

  update(sections: readonly Section[]): void {
    this.#sections = sections;
    for (const { name, rows } of sections) {
      const { cursor, key, height } = this.#place(name);
      const at = key === null ? -1 : rows.findIndex((row) => row.key === key);
      cursor.select(at < 0 ? cursor.selected : at, rows.length, height);
    }
    // Nothing can be chosen in a section that has no rows.
    if (this.#sections[this.#focus]?.rows.length === 0) this.#move(1);
  }

  /** False for a key that means nothing here. */
  press(key: Key): boolean {
    const section = this.#sections[this.#focus];
    if (!section) return false;
    const place = this.#place(section.name);
    const { cursor } = place;
    const last = section.rows.length - 1;
    if (key === 'tab' || key === 'right' || key === 'l') this.#move(1);
    else if (key === 'shift+tab' || key === 'left' || key === 'h') this.#move(-1);
    else if (/^[1-9]$/.test(key)) {
      const at = Number(key) - 1;
      if ((this.#sections[at]?.rows.length ?? 0) > 0) this.#focus = at;
    } else if ((key === 'j' || key === 'down') && cursor.selected >= last) this.#walk(1);
    else if ((key === 'k' || key === 'up') && cursor.selected <= 0) this.#walk(-1);
    else if (cursor.press(key, section.rows.length, place.height)) this.#hold(section);
    else return false;
    return true;
  }

  rows(width: number, height: number, theme: Theme): string[] {
    const needs = this.#sections.map(({ rows }) => rows.length);
    const forRows = height - needs.length;
    const shares = shareRows(needs, this.#focus, forRows);
    if (shares.reduce((sum, share) => sum + share, 0) > forRows) {
      // Too small for all of them: the one with the cursor has the screen.
      const section = this.#sections[this.#focus];
      return section ? this.#draw(section, width, height - 1, true, theme) : [];
    }
    return this.#sections.flatMap((section, at) =>
      this.#draw(section, width, shares[at]!, at === this.#focus, theme),
    );
  }

  #draw(section: Section, width: number, height: number, focused: boolean, theme: Theme): string[] {
    const { name, columns, rows, stateColumn, siteColumn } = section;
    const place = this.#place(name);
    place.height = Math.max(1, height);
    place.cursor.select(place.cursor.selected, rows.length, place.height);
    const cells = rows.map((row) => row.cells);
    const widths = columnWidths(columns, cells, width);
    const { top, selected } = place.cursor;
    const seen = rows.slice(top, top + height).map((row, at) => {
      const text = tableRow(row.cells, columns, widths, (cell, column) => {
        if (column === stateColumn) return theme.paint(row.role, cell);
        return column === siteColumn ? theme.site(row.site, cell) : cell;
      });
      if (!focused || top + at !== selected) return text;
      return theme.paint('selected', text + ' '.repeat(Math.max(0, width - rowWidth(widths))));
    });
    return [this.#head(section, widths, rows.length - seen.length, focused, theme), ...seen];
  }

  /** The titles; behind the first one, how many rows are out of sight. */
  #head(section: Section, widths: readonly number[], hidden: number, focused: boolean, theme: Theme): string {
    const [first, ...others] = section.columns;
    const title = `${first!.title}${hidden > 0 ? ` +${hidden}` : ''}`;
    const row =
      section.rows.length === 0 ? `${title}  none` : headRow([{ ...first!, title }, ...others], widths);
    return focused ? theme.paint('title', theme.paint('accent', row)) : theme.paint('muted', row);
  }

  #place(name: SectionName): Place {
    const known = this.#places.get(name);
    if (known) return known;
    const place = { cursor: new ListCursor(), key: null, height: 1 };
    this.#places.set(name, place);
    return place;
  }

  /** To the next section that has rows. */
  #move(step: 1 | -1): void {
    const count = this.#sections.length;
    for (let tried = 1; tried <= count; tried++) {
      const at = (this.#focus + step * tried + count * tried) % count;
      if (this.#sections[at]!.rows.length === 0) continue;
      this.#focus = at;
      return;
    }
  }

  /** Past the end of a section, into the next one. */
  #walk(step: 1 | -1): void {
    const before = this.#focus;
    this.#move(step);
    if (step === 1 ? this.#focus <= before : this.#focus >= before) {
      this.#focus = before;
      return;
    }
    const section = this.#sections[this.#focus]!;
    const { cursor, height } = this.#place(section.name);
    cursor.select(step === 1 ? 0 : section.rows.length - 1, section.rows.length, height);
    this.#hold(section);
  }

  /** The cursor stays with its row; at the first of the events it stays with the newest. */
  #hold({ name, rows }: Section): void {
    const place = this.#place(name);
    const { selected } = place.cursor;
    place.key = name === 'events' && selected === 0 ? null : (rows[selected]?.key ?? null);
  }
}

/** Cells that a row of these columns takes. */
const rowWidth = (widths: readonly number[]): number => {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width + 2, -2);
};
