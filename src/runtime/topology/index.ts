export { brokerOffsets, brokerPorts, registryUrl, startsCassandra, usedPorts } from './docker.ts';
export { type EngineKind, engineKinds } from './engines.ts';
export { checkSiteCount, exampleEdges, maxExampleSites } from './example.ts';
export { type ImageOverrides, imageNames, imagesOfEnvironment, imageTable, imageVariable } from './images.ts';
export { type LoadTopologyOptions, loadTopology, topologyFileName, topologyOf } from './load.ts';
export type {
  CassandraSpec,
  ClusterSpec,
  DetectorSpec,
  DockerSpec,
  FleetSpec,
  Guarantee,
  JobSpec,
  NotifierSpec,
  RelaySpec,
  SinkSpec,
  SitePorts,
  SiteSpec,
  StoreSpec,
  TopicSpec,
  Topology,
} from './types.ts';
