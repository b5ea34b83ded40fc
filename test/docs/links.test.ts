import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchors, pages, prose, readPage, root } from './markdown.ts';

describe('relative links lead somewhere', () => {
  test.each(pages)('%s', (page) => {
    expect(brokenLinks(page, prose(readPage(page)))).toEqual([]);
  });

  test('a broken one is found', () => {
    const text =
      '[a](nowhere.md) [b](README.md#no-such-heading) [c](docs/README.md) [d](https://example.org/x)';
    expect(brokenLinks('README.md', text)).toEqual(['nowhere.md', 'README.md#no-such-heading']);
  });
});

function brokenLinks(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchors(readPage(target)).has(anchor);
}
