// Made from schemas/*.avsc; edit those, and make it anew.

export type AlarmState = 'RAISED' | 'CLEARED';

/** A sensor got too hot, or is back. The key is the sensor's id. */
export interface TemperatureAlarm {
  state: AlarmState;
  /** When that was measured, ms since the Unix epoch. */
  timestamp: number;
  /** What was measured then, in degrees Celsius. */
  temperature: number;
  /** The highest temperature since the alarm was raised. */
  max: number;
  /** Above it is too hot. */
  threshold: number;
}

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

/** The schema of `TemperatureAlarm` as it gets registered. */
export const temperatureAlarmSchema = '{"type":"record","name":"TemperatureAlarm","namespace":"org.example","doc":"A sensor got too hot, or is back. The key is the sensor\'s id.","fields":[{"name":"state","type":{"type":"enum","name":"AlarmState","symbols":["RAISED","CLEARED"]}},{"name":"timestamp","type":"long","doc":"When that was measured, ms since the Unix epoch."},{"name":"temperature","type":"double","doc":"What was measured then, in degrees Celsius."},{"name":"max","type":"double","doc":"The highest temperature since the alarm was raised."},{"name":"threshold","type":"double","doc":"Above it is too hot."}]}';

/** The schema of `TemperatureData` as it gets registered. */
export const temperatureDataSchema = '{"type":"record","name":"TemperatureData","namespace":"de.unistuttgart.ipvs.dds.avro","doc":"One temperature that one sensor measured.","fields":[{"name":"sensor_id","type":"string","doc":"Key of the SensorRegistration of the sensor."},{"name":"timestamp","type":"long","doc":"When it was measured, ms since the Unix epoch.","default":0},{"name":"temperature","type":"double","doc":"The temperature, in the given unit."},{"name":"unit","type":{"type":"enum","name":"TemperatureUnit","doc":"C: degrees Celsius, F: degrees Fahrenheit, K: kelvins.","symbols":["C","F","K"]},"doc":"Unit of the temperature."}]}';
