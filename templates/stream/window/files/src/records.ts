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

/** What a sensor measured in one window of time. The key is the sensor's id; temperatures are in degrees Celsius. */
export interface TemperatureMean {
  /** Where the window begins, ms since the Unix epoch. */
  start: number;
  /** Where it ends; not part of it. */
  end: number;
  /** Number of readings. */
  count: number;
  mean: number;
  min: number;
  max: number;
}

/** The schema of `TemperatureData` as it gets registered. */
export const temperatureDataSchema = '{"type":"record","name":"TemperatureData","namespace":"de.unistuttgart.ipvs.dds.avro","doc":"One temperature that one sensor measured.","fields":[{"name":"sensor_id","type":"string","doc":"Key of the SensorRegistration of the sensor."},{"name":"timestamp","type":"long","doc":"When it was measured, ms since the Unix epoch.","default":0},{"name":"temperature","type":"double","doc":"The temperature, in the given unit."},{"name":"unit","type":{"type":"enum","name":"TemperatureUnit","doc":"C: degrees Celsius, F: degrees Fahrenheit, K: kelvins.","symbols":["C","F","K"]},"doc":"Unit of the temperature."}]}';

/** The schema of `TemperatureMean` as it gets registered. */
export const temperatureMeanSchema = '{"type":"record","name":"TemperatureMean","namespace":"org.example","doc":"What a sensor measured in one window of time. The key is the sensor\'s id; temperatures are in degrees Celsius.","fields":[{"name":"start","type":"long","doc":"Where the window begins, ms since the Unix epoch."},{"name":"end","type":"long","doc":"Where it ends; not part of it."},{"name":"count","type":"long","doc":"Number of readings."},{"name":"mean","type":"double"},{"name":"min","type":"double"},{"name":"max","type":"double"}]}';
