export { checkSiteCount, exampleEdges, maxExampleSites } from './example.ts';
export { type LoadTopologyOptions, loadTopology, topologyFileName, topologyOf } from './load.ts';
export type {
  CassandraSpec,
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
