import { singleLine } from '../../shared/printable.ts';
import type { Key } from '../keys.ts';
import { ListCursor } from '../list-cursor.ts';
import type { Canvas } from '../run-view.tsx';
import { truncate } from '../text.ts';

/** A list of names of which some are shown and some are not: sites, or topics. */
export class Picker {
  readonly title: string;
  readonly hidden = new Set<string>();
  readonly #cursor = new ListCursor();
  readonly #names: () => string[];

  constructor(title: string, names: () => string[]) {
    this.title = title;
    this.#names = names;
  }

  /** True when the key changed what is hidden. */
  press(key: Key, height: number): boolean {
    const names = this.#names();
    const name = names[this.#cursor.selected];
    if (this.#cursor.press(key, names.length, height) || name === undefined) return false;
    if (key === 'space' || key === 'x') {
      if (!this.hidden.delete(name)) this.hidden.add(name);
    } else if (key === 'a') this.hidden.clear();
    else if (key === 'o') {
      for (const other of names) this.hidden.add(other);
      this.hidden.delete(name);
    } else return false;
    return true;
  }

  rows({ columns, theme }: Canvas, height: number): string[] {
    const names = this.#names();
    this.#cursor.select(this.#cursor.selected, names.length, height);
    const { top, selected } = this.#cursor;
    return names.slice(top, top + height).map((name, at) => {
      const row = truncate(` [${this.hidden.has(name) ? ' ' : 'x'}] ${singleLine(name)} `, columns);
      return top + at === selected ? theme.paint('selected', row) : row;
    });
  }
}
