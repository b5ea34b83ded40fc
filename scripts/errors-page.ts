// Writes docs/errors.md from the error table: node scripts/errors-page.ts
import { writeFileSync } from 'node:fs';
import { errorTable } from '../src/errors/table.ts';

const rows = Object.entries(errorTable).map(
  ([code, { exitCode, when, hint }]) => `| \`${code}\` | ${exitCode} | ${when} | ${hint} |`,
);
const page = `# Errors and exit codes

A command that fails prints one line that says what was wrong and the value it saw, then what to do next and the
code of the error. With \`--json\` the same stands on stdout as \`{"error": {"code", "message", "hint", "exitCode",
"retriable", "details"}}\`. \`DDS_DEBUG=1\` adds the cause.

| exit code | meaning |
|---|---|
| 0 | done; also when the reader of a pipe has gone (\`dds tail \\| head\`) |
| 1 | failed at run time |
| 2 | usage, or input that cannot be used |
| 3 | something needed is missing or unreachable: broker, registry, port, stack |
| 4 | a target or a check was missed: rate, loss, doubles |
| 5 | records that cannot be decoded, with \`--strict\` |
| 130, 143 | ended by Ctrl-C or SIGTERM, after a clean stop |

| code | exit | when | what to do |
|---|---|---|---|
${rows.join('\n')}
`;
writeFileSync(new URL('../docs/errors.md', import.meta.url), page);
