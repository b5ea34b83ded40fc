/** What provides the cluster of a site. */
export const engineKinds = ['embedded', 'docker', 'external'] as const;

export type EngineKind = (typeof engineKinds)[number];
