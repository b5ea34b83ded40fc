/** Where Apicurio's answer is another than the embedded registry's, which then goes with Confluent's. */
export interface Difference {
  /** Method, path and body, as a glob. */
  request: string;
  reason: string;
}

export const differences: readonly Difference[] = [
  { request: 'PUT /config*', reason: 'Apicurio adds `normalize: false`.' },
  { request: 'GET /contexts', reason: 'Apicurio writes the default context as `:.:`, Confluent as `.`.' },
  {
    request: 'GET /subjects/s/versions/0',
    reason: 'Apicurio looks for a version that cannot be (40402); Confluent says that it cannot be (42202).',
  },
  { request: 'GET /subjects/s/versions/abc', reason: 'As with version 0.' },
  { request: 'POST /subjects/s/versions {"schema":""}', reason: 'Apicurio fails on an empty schema (500).' },
  { request: 'POST /compatibility/*?verbose=true*', reason: 'Apicurio gives no messages.' },
  {
    request: 'GET /config/s',
    reason:
      'Apicurio answers for a subject without a level of its own; Confluent answers 40408 unless `defaultToGlobal` is set.',
  },
  { request: 'DELETE /subjects/s/versions/1*', reason: 'Apicurio answers 409 with the same error code.' },
  { request: 'DELETE /subjects/t?permanent=true', reason: 'Apicurio answers 409 with the same error code.' },
  { request: 'DELETE /subjects/t', reason: 'Apicurio also tells of versions that were deleted before.' },
  {
    request: 'POST /subjects/s/versions {"schema":"*int*',
    reason: 'Apicurio registers under a subject in read-only mode.',
  },
  { request: 'PUT /mode {"mode":"SIDEWAYS"}', reason: 'Apicurio gives another error code (42201).' },
  {
    request: 'POST /subjects/n/versions?normalize=true*',
    reason: 'The id of the line before it is one that only Apicurio gave.',
  },
  {
    request: 'POST /subjects/n?normalize=true*',
    reason: 'Apicurio does not find a schema that is the same once it is normalized.',
  },
  { request: 'POST /subjects/j/versions*', reason: 'Apicurio does not take this for a JSON Schema.' },
  { request: 'GET /subjects/j/versions/1', reason: 'The schema before it was not registered.' },
  { request: 'POST /subjects/s/versions not json', reason: "Apicurio's 400 is plain text." },
  {
    request: 'POST /compatibility/subjects/level-*/versions?verbose=false*',
    reason:
      'Apicurio compares with all versions, whatever the level; only the transitive levels of Confluent do.',
  },
];
