import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DdsError, type ErrorCode, errorTable } from '../../src/errors/index.ts';

describe('error table', () => {
  it.each(Object.entries(errorTable))('%s says when it happens and what to do', (_code, entry) => {
    expect(entry.when).toMatch(/\S/);
    expect(entry.hint).toMatch(/\.$/);
    expect(entry.exitCode).toBeGreaterThanOrEqual(1);
    if (entry.kind === 'user') expect([2, 4, 5]).toContain(entry.exitCode);
  });

  it('survives the way over a wire', () => {
    const sent = new DdsError('DDS_UNKNOWN_SITE', 'unknown site: edge-9', { details: { site: 'edge-9' } });
    const received = DdsError.fromBody(JSON.parse(JSON.stringify(sent.toBody())));
    expect(received).toMatchObject({
      code: 'DDS_UNKNOWN_SITE',
      message: 'unknown site: edge-9',
      hint: sent.hint,
    });
  });

  it('takes an unknown throw for a bug, in one line', () => {
    expect(DdsError.from(new Error('first\nsecond'))).toMatchObject({ code: 'DDS_BUG', message: 'first' });
    expect(DdsError.from('text').message).toBe('text');
  });
});

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  it.each(Object.keys(errorTable) as ErrorCode[])('describes %s as the table does', (code) => {
    const { exitCode, when, hint } = errorTable[code];
    expect(page).toContain(`| \`${code}\` | ${exitCode} | ${when} | ${hint} |`);
  });
  it('describes nothing else', () => {
    expect([...page.matchAll(/`(DDS_[A-Z_]+)` \|/g)].map((m) => m[1])).toEqual(Object.keys(errorTable));
  });
});
