import { differences } from './differences.ts';
import { registryRequests } from './requests.ts';

const cell = (text: string) => text.replaceAll('|', '\\|');

/** docs/registry.md. */
export const registryPage = (): string => `# The embedded Schema Registry beside Apicurio Registry

The embedded registry follows Confluent's REST API. \`npm run test:docker\` puts ${registryRequests.length} requests to it and to Apicurio
Registry 3.3.3 (built from its Maven package), one after the other: registering, looking up, references, deleting soft
and for good, all seven compatibility levels, modes, bad input. Status, error code and body must be the same; the numbers
of ids, the words of messages and the order of fields may differ. What else differs is listed here, and a difference
that is not listed, or no longer there, fails the test. A path that there is not is left out: Apicurio 3.3.3 now and then
never answers it (its log says 404).

| request | why the answers differ |
|---|---|
${differences.map(({ request, reason }) => `| \`${cell(request)}\` | ${cell(reason)} |`).join('\n')}
`;
