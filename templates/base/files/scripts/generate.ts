// Makes src/records.ts from schemas/*.avsc. With --check it only tells whether that is needed.
import { updateTypes } from 'dds-lab/avro-types';

const check = process.argv.includes('--check');
try {
  await updateTypes({ schemas: 'schemas', out: 'src/records.ts', check });
} catch (error) {
  console.error(`${(error as Error).message}${check ? ': {{pm.run}} generate' : ''}`);
  process.exitCode = 1;
}
