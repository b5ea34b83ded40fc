import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ErrorCode, errorTable } from '../../src/errors/index.ts';
import { type CliResult, type Workspace, workspace } from './cli.ts';
import { query, status, until } from './stack.ts';

/** These need a Docker, and are provoked in test/docker/errors.test.ts. */
export type OfDocker = 'DDS_IMAGE' | 'DDS_CONTAINER' | 'DDS_MEMORY';

/** These take their time: something stands still, or a job has to run. */
export type Waiting =
  | 'DDS_STACK_BUSY'
  | 'DDS_BROKER_UNREACHABLE'
  | 'DDS_REGISTRY_UNREACHABLE'
  | 'DDS_STORE_UNREACHABLE'
  | 'DDS_NOT_ALLOWED'
  | 'DDS_REGISTRY'
  | 'DDS_STREAMS_TOPOLOGY'
  | 'DDS_STREAMS_RECORD'
  | 'DDS_STREAMS_STATE'
  | 'DDS_FENCED'
  | 'DDS_CHECK_FAILED';

/** Ways to come to see errors, by their codes. */
export type Provocations<Codes extends ErrorCode> = Record<Codes, () => Promise<CliResult>>;

export interface CodesLab {
  readonly space: Workspace;
  /** Runs a command line beside the stack. */
  run(line: string): Promise<CliResult>;
}

/** A stack with an edge that has some readings and registrations, for the tests of one file. */
export function codesLab(): CodesLab {
  let lab: Workspace;
  beforeAll(async () => {
    lab = workspace();
    expect(await lab.dds(['up', '--sites', '1', '--ports', 'auto'])).toMatchObject({ code: 0 });
    for (const line of [
      'register device d',
      'register sensor-type t',
      'register sensor s --device d --type t',
      'simulate --count 20 --rate max --no-register --site edge-1',
    ])
      expect((await lab.dds(line.split(' '))).stderr).not.toMatch(/not acknowledged/);
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  return {
    get space() {
      return lab;
    },
    run: (line) => lab.dds(line.split(' ')),
  };
}

/** What a job logs besides is no part of what it says to whoever started it. */
export const withoutLog = (result: CliResult): CliResult => ({ ...result, stdout: '' });

/** Tests that each provocation is told as the error of its code. Standing still is noticed by patience, which takes its time. */
export function testTold(provocations: Partial<Provocations<ErrorCode>>): void {
  test.each(Object.entries(provocations))(
    '%s is told in one line, with what to do',
    async (code, provoke) => {
      const { stderr, code: exitCode } = await provoke();
      process.stdout.write(`${stderr.split('\n').slice(0, 2).join('\n')}\n`);
      const lines = stderr.trimEnd().split('\n');
      if (code === 'DDS_NODE_VERSION') expect(lines).toEqual([expect.stringContaining('22.22')]);
      else {
        // Progress may stand before it.
        const at = lines.findIndex((line) => line.startsWith('error: '));
        expect(lines[at]).toMatch(/^error: \S/);
        expect(lines[at + 1]).toMatch(new RegExp(`^ {2}\\S.* \\(${code}\\)$`));
        // A stack trace is for bugs, and for nothing else.
        if (code !== 'DDS_BUG') expect(lines).toHaveLength(at + 2);
      }
      expect(exitCode).toBe(errorTable[code as ErrorCode].exitCode);
    },
    120_000,
  );
}

/** Tests that the stack is as it was, after all that. */
export function testWhole(lab: CodesLab): void {
  test('what was provoked has left the stack whole', async () => {
    await until(
      () => status(lab.space),
      (now) => now.state === 'ready',
    );
    const [row] = await query(lab.space, 'central', 'select count(*)::int as n from temperature_data');
    expect(Number(row?.n)).toBeGreaterThanOrEqual(20);
  });
}
