export { maxExampleSites } from './example.ts';
export { type InitTopologyOptions, type InitTopologyResult, initTopology } from './init-topology.ts';
export { type LoadTopologyOptions, loadTopology, topologyFileName } from './load.ts';
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
