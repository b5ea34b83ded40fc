import type { Key } from './keys.ts';

/** Which row of a list is chosen, and which rows are seen. It keeps the chosen row in sight and moves no further than it must. */
export class ListCursor {
  /** Index of the chosen row. */
  selected = 0;
  /** Index of the first row that is seen. */
  top = 0;

  /** Moves by keys: `j k g G ^d ^u`, arrows, page keys. False for a key that does not move. */
  press(key: Key, length: number, height: number): boolean {
    const half = Math.max(1, Math.floor(height / 2));
    const page = Math.max(1, height - 1);
    const steps: Record<Key, number> = {
      ...{ j: 1, down: 1, k: -1, up: -1 },
      ...{ 'ctrl+d': half, 'ctrl+u': -half, pgdn: page, pgup: -page, 'ctrl+f': page, 'ctrl+b': -page },
      ...{ g: Number.NEGATIVE_INFINITY, home: Number.NEGATIVE_INFINITY },
      ...{ G: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY },
    };
    if (!Object.hasOwn(steps, key)) return false;
    this.select(this.selected + steps[key]!, length, height);
    return true;
  }

  /** Chooses a row, the nearest that there is. */
  select(index: number, length: number, height: number): void {
    this.selected = Math.max(0, Math.min(length - 1, index));
    this.top = Math.min(this.top, this.selected, Math.max(0, length - height));
    this.top = Math.max(this.top, this.selected - height + 1, 0);
  }
}
