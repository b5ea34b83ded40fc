import { Args, Flags } from '@oclif/core';

export const idArg = (what: string) =>
  Args.string({
    description: `Id of the ${what}: the record's key.`,
    required: true,
    ignoreStdin: true,
  });

export const registrationFlags = {
  site: Flags.string({
    char: 's',
    description: 'Sites, separated by commas, or all. [default: every edge site]',
    helpValue: 'SITE',
  }),
  name: Flags.string({ description: 'What people call it. [default: the id]', helpValue: 'TEXT' }),
  description: Flags.string({ description: 'What it is for, in free text.', default: '', helpValue: 'TEXT' }),
};

/** `device "boiler" registered at edge-1, edge-2`. */
export function registrationLine(kind: string, id: string, done: string, sites: readonly string[]): string {
  return `${kind} "${id}" ${done} at ${sites.join(', ')}\n`;
}
