export type { EngineKind } from './engines.ts';
export { checkSiteCount, exampleEdges, maxExampleSites } from './example.ts';
export { type LoadTopologyOptions, loadTopology, topologyFileName, topologyOf } from './load.ts';
export type {
  CassandraSpec,
  ClusterSpec,
  DetectorSpec,
  FleetSpec,
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
