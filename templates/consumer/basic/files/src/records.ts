// Made from schemas/*.avsc; edit those, and make it anew.

/** C: degrees Celsius, F: degrees Fahrenheit, K: kelvins. */
export type TemperatureUnit = 'C' | 'F' | 'K';

/** One temperature that one sensor measured. */
export interface TemperatureData {
  /** Key of the SensorRegistration of the sensor. */
  sensor_id: string;
  /** When it was measured, ms since the Unix epoch. */
  timestamp: number;
  /** The temperature, in the given unit. */
  temperature: number;
  /** Unit of the temperature. */
  unit: TemperatureUnit;
}

/** The schema of `TemperatureData` as it gets registered. */
export const temperatureDataSchema = '{"type":"record","name":"TemperatureData","namespace":"de.unistuttgart.ipvs.dds.avro","doc":"One temperature that one sensor measured.","fields":[{"name":"sensor_id","type":"string","doc":"Key of the SensorRegistration of the sensor."},{"name":"timestamp","type":"long","doc":"When it was measured, ms since the Unix epoch.","default":0},{"name":"temperature","type":"double","doc":"The temperature, in the given unit."},{"name":"unit","type":{"type":"enum","name":"TemperatureUnit","doc":"C: degrees Celsius, F: degrees Fahrenheit, K: kelvins.","symbols":["C","F","K"]},"doc":"Unit of the temperature."}]}';
