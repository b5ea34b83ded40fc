import { DdsError } from '../../../errors/index.ts';
import type { RegistryClient } from '../../serde/index.ts';
import { plainReasons } from './reasons.ts';

/** Throws DDS_INCOMPATIBLE with the reasons when the subject would not take the schema. Registers nothing. */
export async function refuseIncompatible(
  registry: RegistryClient,
  subject: string,
  schema: string,
): Promise<void> {
  const reasons = plainReasons(await registry.incompatibilities(subject, schema));
  if (reasons.length > 0) throw incompatible(subject, reasons);
}

function incompatible(subject: string, reasons: readonly string[]): DdsError {
  return new DdsError(
    'DDS_INCOMPATIBLE',
    `the schema does not go with subject ${subject}: ${reasons.join('; ')}`,
    {
      details: { subject, reasons },
    },
  );
}
