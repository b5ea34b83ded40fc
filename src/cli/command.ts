import { Command, Flags } from '@oclif/core';
import type { DdsError } from '../errors/index.ts';
import { systemClock } from '../shared/clock.ts';
import type { RuntimeContext } from '../shared/context.ts';
import { processState } from './process-state.ts';
import { type Paint, painter, wantsColour, write } from './streams.ts';

/** The result is on stdout already; only the error's line and exit code are still to come. */
export class FailedVerdict extends Error {
  readonly failure: DdsError;
  constructor(failure: DdsError) {
    super(failure.message);
    this.failure = failure;
  }
}

/**
 * Base of every command. A command parses its flags and makes one runtime call in `execute()`, and shows the typed
 * result in `render()`. With `--json` the result itself is printed as one JSON value and `render` is not called; a
 * command that streams returns nothing and writes its lines through `print`.
 */
export abstract class DdsCommand<Result = void> extends Command {
  static override baseFlags = {
    json: Flags.boolean({ description: 'Print JSON instead of text.', helpGroup: 'GLOBAL' }),
    color: Flags.boolean({
      description:
        'Colour the output; the default is to do so on a terminal. NO_COLOR and FORCE_COLOR count too.',
      helpGroup: 'GLOBAL',
      allowNo: true,
    }),
    stack: Flags.string({
      description: 'Name of the stack. [default: the name in dds.yaml, else "default"]',
      env: 'DDS_STACK',
      helpGroup: 'GLOBAL',
      helpValue: 'NAME',
    }),
  };

  protected abstract execute(): Promise<Result>;

  /** Shows the result to a person, on stdout. */
  protected render(_result: Result): void {}

  /** What makes a result that was printed a failure all the same: a target missed, a record lost. */
  protected verdict(_result: Result): DdsError | null {
    return null;
  }

  override async run(): Promise<void> {
    const result = await this.execute();
    if (result === undefined) return;
    if (this.json) await this.print(`${JSON.stringify(result)}\n`);
    else this.render(result);
    const failure = this.verdict(result);
    if (failure) throw new FailedVerdict(failure);
  }

  /** True under `--json`; readable before the flags are parsed, so that a usage error is JSON too. */
  protected get json(): boolean {
    return wantsJson(this.argv);
  }

  /** Colours for stdout and for stderr; each decides for itself. */
  protected get paint(): Paint {
    return painter(process.stdout, process.env, colourFlag(this.argv));
  }
  /** Whether stdout gets colours at all. */
  protected get wantsColour(): boolean {
    return wantsColour(process.stdout, process.env, colourFlag(this.argv));
  }
  protected get paintStderr(): Paint {
    return painter(process.stderr, process.env, colourFlag(this.argv));
  }

  /** Writes data to stdout; await it in a loop, so that a slow reader holds us back. */
  protected print(text: string | Uint8Array): Promise<void> | undefined {
    return write(process.stdout, text);
  }

  /** Writes a line for the person at the terminal to stderr. */
  protected note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** What the runtime may know of this process. `report` goes to stderr. */
  protected get context(): RuntimeContext {
    return {
      cwd: process.cwd(),
      env: process.env,
      signal: processState().interrupt.signal,
      clock: systemClock,
      report: (message) => this.note(message),
    };
  }
}

export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

function colourFlag(argv: readonly string[]): boolean | undefined {
  if (argv.includes('--no-color')) return false;
  return argv.includes('--color') ? true : undefined;
}
