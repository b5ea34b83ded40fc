import { type Key, typedText } from './keys.ts';
import { textWidth } from './text.ts';
import type { Theme } from './theme.ts';

/** One line of text that is being typed. */
export class LineEditor {
  #before: string[];
  #after: string[] = [];

  constructor(text = '') {
    this.#before = [...text];
  }

  get text(): string {
    return [...this.#before, ...this.#after].join('');
  }

  /** False for a key that means nothing here. */
  press(key: Key): boolean {
    const typed = typedText(key);
    if (typed !== '') this.#before.push(typed);
    else if (key === 'backspace') this.#before.pop();
    else if (key === 'delete') this.#after.shift();
    else if (key === 'left' && this.#before.length > 0) this.#after.unshift(this.#before.pop()!);
    else if (key === 'right' && this.#after.length > 0) this.#before.push(this.#after.shift()!);
    else if (key === 'home' || key === 'ctrl+a') this.#move(0);
    else if (key === 'end' || key === 'ctrl+e') this.#move(Number.POSITIVE_INFINITY);
    else if (key === 'ctrl+u') this.#before = [];
    else if (key === 'ctrl+w') this.#before = [...this.#before.join('').replace(/\S*\s*$/u, '')];
    else return false;
    return true;
  }

  /** The text with its cursor, cut on the left so that the cursor stays inside the width. */
  row(theme: Theme, width: number): string {
    const [at = ' ', ...rest] = this.#after;
    const shown = [...this.#before];
    while (shown.length > 0 && textWidth(shown.join('')) > width - 2) shown.shift();
    const after: string[] = [];
    let left = width - textWidth(shown.join('')) - textWidth(at);
    for (const character of rest) {
      left -= textWidth(character);
      if (left < 0) break;
      after.push(character);
    }
    return `${shown.join('')}${theme.paint('selected', at)}${after.join('')}`;
  }

  #move(to: number): void {
    const all = [...this.#before, ...this.#after];
    this.#before = all.slice(0, to);
    this.#after = all.slice(this.#before.length);
  }
}
