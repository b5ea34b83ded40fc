// Delete, the C1 controls (0x9b starts an escape sequence as ESC [ does) and the marks that turn the direction of
// writing: JSON.stringify leaves them as they are. The C0 controls but the line feed: JSON that was passed on as it came.
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g;

/** Escapes what would steer a terminal, as JSON escapes it. A line feed stays. */
export function printable(text: string): string {
  unsafe.lastIndex = 0;
  if (!unsafe.test(text)) return text;
  return text.replace(unsafe, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same for what has to stay on one row: a line feed is escaped as well. */
export function singleLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
