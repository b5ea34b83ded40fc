import { RE2JS } from 're2js';

/**
 * Whether a whole text matches a client's expression. In the syntax of RE2, as in Kafka, whose time grows with the text
 * and nothing else: a client cannot hold the broker up. Throws for what is no expression.
 */
export function expression(pattern: string): (text: string) => boolean {
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.matches(text);
}
