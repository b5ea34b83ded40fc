/** Longer texts are refused by some terminals. In characters. */
export const mostCopied = 74_000;

/** The sequence (OSC 52) that puts a text into the clipboard of the user's terminal, through ssh and tmux as well. */
export function copySequence(text: string): string {
  return `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
}
