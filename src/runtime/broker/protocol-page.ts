import { notServed, protocolMatrix } from './protocol-matrix.ts';

/** The text of docs/protocol.md. */
export function protocolPage(): string {
  const rows = protocolMatrix().map(
    ({ key, name, minVersion, maxVersion, leftOut }) =>
      `| ${key} | ${name} | ${minVersion}–${maxVersion} | ${leftOut} |`,
  );
  const missing = notServed.map(({ what, why }) => `| ${what} | ${why} |`);
  return `${[
    '# The Kafka protocol of the embedded broker',
    '',
    'Generated from the handler table; `dds protocol` prints the same, and a test keeps this page current.',
    'A request with another key or version closes the connection, as Kafka does it; only ApiVersions in an unknown',
    'version is answered, in version 0 with UNSUPPORTED_VERSION (KIP-511).',
    '',
    '| key | API | versions | left out |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## Not served',
    '',
    '| what | why |',
    '|---|---|',
    ...missing,
    '',
    '## Limits',
    '',
    '* One node: every partition has one replica, leader epoch 0; what is written is committed.',
    '* Record batches of format 2 only. Older message sets are refused with INVALID_RECORD.',
    '* Batches are stored and served as they came, in every codec; `compression.type` of a topic changes nothing.',
    '* A bad batch in a closed segment is reported in the log and costs the rest of that segment: readers go on with',
    '  the next one. A bad batch at the end of the log, where a crash leaves it, is cut off at start.',
  ].join('\n')}\n`;
}
