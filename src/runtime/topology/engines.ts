/** What provides the cluster of a site. */
export const engineKinds = ['embedded', 'external'] as const;

/** `docker` is named here before it is served, for those that read a topology. */
export type EngineKind = 'embedded' | 'docker' | 'external';
