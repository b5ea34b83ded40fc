import { Flags } from '@oclif/core';
import type { DdsError } from '../errors/index.ts';
import {
  firstFailure,
  furtherFailures,
  type SiteOutcome,
  succeeded,
} from '../runtime/data/sites/outcomes.ts';
import { DdsCommand } from './command.ts';
import { commaList } from './job-flags.ts';

interface SitesResult {
  sites: SiteOutcome<object>[];
}

export const siteFlag = Flags.string({
  char: 's',
  description: 'Sites, separated by commas, or all. [default: all]',
  helpValue: 'SITE',
});

/** For a change: with several sites there is no default. */
export const changedSiteFlag = Flags.string({
  char: 's',
  description: 'Sites, separated by commas, or all; needed when there are several.',
  helpValue: 'SITE',
});

/** What a command that destroys takes. */
export const destroyFlags = {
  yes: Flags.boolean({ char: 'y', description: 'Do it without asking.', default: false }),
  'dry-run': Flags.boolean({ description: 'Only show what would be done.', default: false }),
};

export const siteNames = (flag: string | undefined): string[] | undefined =>
  flag === undefined ? undefined : commaList(flag);

/** A command that does the same at several sites: shows what came of each, and ends with the first site's failure. */
export abstract class SitesCommand<Result extends SitesResult> extends DdsCommand<Result> {
  /** The results of the sites that gave one, on stdout. */
  protected abstract text(result: Result): string;

  protected override render(result: Result): void {
    if (succeeded(result.sites).length > 0) void this.print(this.text(result));
    for (const message of furtherFailures(result.sites)) this.note(message);
  }

  protected override verdict(result: Result): DdsError | null {
    return firstFailure(result.sites);
  }
}
