import { Args } from '@oclif/core';
import { DdsError } from '../errors/index.ts';

/** Any number of whole numbers. oclif's own integers end in a bug report when they are none. */
export const numberArgs = (name: string, description: string) =>
  Args.custom<number>({
    async parse(input) {
      if (/^\d+$/.test(input)) return Number(input);
      throw new DdsError('DDS_USAGE', `${name} takes whole numbers, not ${input}`);
    },
  })({ description, multiple: true, ignoreStdin: true });
