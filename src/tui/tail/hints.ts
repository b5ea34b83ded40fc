import type { KeyHint } from '../footer.ts';

export const listHints: readonly KeyHint[] = [
  { keys: 'q', does: 'quit' },
  { keys: '?', does: 'help' },
  { keys: '/', does: 'filter' },
  { keys: 'space', does: 'pause' },
  { keys: 'j k', does: 'move' },
  { keys: 'G', does: 'follow' },
  { keys: 'enter', does: 'detail' },
  { keys: 's', does: 'sites' },
  { keys: 't', does: 'topics' },
  { keys: 'e', does: 'error' },
  { keys: 'c', does: 'copy' },
];

export const helpHints: readonly KeyHint[] = [
  { keys: '/', does: 'filter: text as for --grep, !text, or value.a > 1' },
  { keys: 'space', does: 'pause, and follow again' },
  { keys: 'j k ↓ ↑', does: 'one record on, one back' },
  { keys: '^d ^u', does: 'half a screen on, or back' },
  { keys: 'g', does: 'the oldest record that is kept' },
  { keys: 'G', does: 'the newest: follow again' },
  { keys: 'enter', does: 'the record in full; again to close' },
  { keys: 'J K', does: 'scroll the record' },
  { keys: 'w', does: 'wrap long lines of the record, or cut them' },
  { keys: 'e E', does: 'next, previous record that cannot be decoded' },
  { keys: 'c', does: 'copy the record as JSON' },
  { keys: 's t', does: 'choose sites, choose topics' },
  { keys: 'esc', does: 'close the record; then end the filter' },
  { keys: 'q ^c', does: 'quit' },
];

export const filterHints: readonly KeyHint[] = [
  { keys: 'enter', does: 'filter' },
  { keys: 'esc', does: 'leave it' },
  { keys: '^u', does: 'clear' },
  { keys: 'text', does: 'as --grep' },
  { keys: '!text', does: 'as --grep-v' },
  { keys: 'value.a > 1', does: 'as --where' },
];

export const pickerHints: readonly KeyHint[] = [
  { keys: 'j k', does: 'move' },
  { keys: 'space', does: 'show or hide' },
  { keys: 'o', does: 'only this' },
  { keys: 'a', does: 'all' },
  { keys: 'enter', does: 'done' },
];
