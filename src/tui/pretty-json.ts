/** JSON text over several lines. The tokens stay as they are: a number keeps all its digits. */
export function prettyJson(json: string): string[] {
  const lines: string[] = [];
  let [line, depth] = ['', 0];
  const feed = () => {
    lines.push(line);
    line = '  '.repeat(depth);
  };
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g)) {
    if (token === '}' || token === ']') {
      depth--;
      // An empty one stays on its line.
      if (/[{[]$/.test(line)) line += token;
      else {
        feed();
        line += token;
      }
      continue;
    }
    if (/[{[]$/.test(line)) feed();
    line += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth++;
    if (token === ',') feed();
  }
  lines.push(line);
  return lines;
}
