import type { Key as InkKey } from 'ink';

/**
 * A key by name: the character itself (`j`, `G`, `/`, `é`), or `space`, `enter`, `esc`, `tab`, `shift+tab`, `backspace`, `delete`, `up`,
 * `down`, `left`, `right`, `pgup`, `pgdn`, `home`, `end`, or `ctrl+d` and the like.
 */
export type Key = string;

const named: readonly [keyof InkKey, Key][] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pgup'],
  ['pageDown', 'pgdn'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

/** The keys in a piece of input: fast typing and pasting bring many at once. */
export function keysOf(input: string, key: InkKey): Key[] {
  if (key.tab && key.shift) return ['shift+tab'];
  for (const [field, name] of named) if (key[field]) return [name];
  if (key.ctrl) return [`ctrl+${input}`];
  return [...input].map(characterKey);
}

function characterKey(character: string): Key {
  if (character === ' ') return 'space';
  if (character === '\r' || character === '\n') return 'enter';
  if (character === '\t') return 'tab';
  if (character === '\u007f' || character === '\b') return 'backspace';
  const code = character.charCodeAt(0);
  return code < 0x20 ? `ctrl+${String.fromCharCode(code + 0x60)}` : character;
}

/** What a key types into a line of text; empty for a key that types nothing. */
export function typedText(key: Key): string {
  if (key === 'space') return ' ';
  return [...key].length === 1 ? key : '';
}
