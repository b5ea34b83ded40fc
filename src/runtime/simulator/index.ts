export { type FaultOptions, type InjectedCounts, parseFaults } from './faults.ts';
export { type Fleet, type FleetDevice, type FleetSensor, recordedFleet, simulatedFleet } from './fleet.ts';
export { LatencyHistogram, type LatencySummary } from './latency.ts';
export type { SimulationContext, SimulationOptions } from './options.ts';
export { type CatchUp, Pacer, type PacerOptions, punctualMs } from './pacer.ts';
export * from './quantities.ts';
export {
  asTemperatureData,
  type ReadingsFactory,
  recordedReadings,
  simulatedReadings,
} from './readings.ts';
export {
  type ColumnMap,
  parseColumnMap,
  parseFieldMap,
  parseRowFilter,
  type RowFilter,
} from './replay/columns.ts';
export { readReadings } from './replay/read-csv.ts';
export { type RecordRecording, readRecords, recordedRecords } from './replay/record-recording.ts';
export type { Recording } from './replay/recording.ts';
export { formatOf, type ReplayFormat } from './replay/rows.ts';
export type { SimulationProgress, SimulationResult, SiteCounts } from './result.ts';
export { constantSchedule, recordedSchedule, type Schedule, unpacedSchedule } from './schedule.ts';
export { type FieldSpecs, parseFieldFlags, parseFieldSpec } from './schema/field-spec.ts';
export { fromRow, MisfitError } from './schema/from-row.ts';
export { type AvroNode, avroNode } from './schema/nodes.ts';
export { checkFields, schemaReadings } from './schema/record-readings.ts';
export { Simulation } from './simulation.ts';
export { type SimulationSite, topicSchema } from './site-sender.ts';
export {
  defaultTemperature,
  type TemperatureParameters,
  type TemperatureUnit,
  temperatureUnits,
} from './temperature-model.ts';
