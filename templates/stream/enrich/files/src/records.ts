// Made from schemas/*.avsc; edit those, and make it anew.

/** A device that carries sensors. The key of the message is the device's id. */
export interface DeviceRegistration {
  /** What people call the device. */
  name: string;
  /** What the device is for, in free text. */
  description: string;
  /** Where the device stands, in free text. */
  location: string;
}

/** A temperature with what is registered of its sensor. The key is the sensor's id. */
export interface EnrichedReading {
  sensor_id: string;
  /** When it was measured, ms since the Unix epoch. */
  timestamp: number;
  temperature: number;
  /** C, F or K. */
  unit: string;
  /** Name of the sensor; null when it is not registered. */
  sensor: null | string;
  /** Name of the device that carries it. */
  device: null | string;
  /** Where the device stands. */
  location: null | string;
}

/** A sensor that is mounted on a device. The key of the message is the sensor's id. */
export interface SensorRegistration {
  /** What people call the sensor. */
  name: string;
  /** What the sensor measures, in free text. */
  description: string;
  /** Key of the DeviceRegistration of the device that carries it. */
  device_id: string;
  /** Key of the SensorTypeRegistration that says what kind of sensor it is. */
  sensor_type_id: string;
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

/** The schema of `DeviceRegistration` as it gets registered. */
export const deviceRegistrationSchema = '{"type":"record","name":"DeviceRegistration","namespace":"de.unistuttgart.ipvs.dds.avro","doc":"A device that carries sensors. The key of the message is the device\'s id.","fields":[{"name":"name","type":"string","doc":"What people call the device."},{"name":"description","type":"string","doc":"What the device is for, in free text.","default":""},{"name":"location","type":"string","doc":"Where the device stands, in free text.","default":""}]}';

/** The schema of `EnrichedReading` as it gets registered. */
export const enrichedReadingSchema = '{"type":"record","name":"EnrichedReading","namespace":"org.example","doc":"A temperature with what is registered of its sensor. The key is the sensor\'s id.","fields":[{"name":"sensor_id","type":"string"},{"name":"timestamp","type":"long","doc":"When it was measured, ms since the Unix epoch."},{"name":"temperature","type":"double"},{"name":"unit","type":"string","doc":"C, F or K."},{"name":"sensor","type":["null","string"],"default":null,"doc":"Name of the sensor; null when it is not registered."},{"name":"device","type":["null","string"],"default":null,"doc":"Name of the device that carries it."},{"name":"location","type":["null","string"],"default":null,"doc":"Where the device stands."}]}';

/** The schema of `SensorRegistration` as it gets registered. */
export const sensorRegistrationSchema = '{"type":"record","name":"SensorRegistration","namespace":"de.unistuttgart.ipvs.dds.avro","doc":"A sensor that is mounted on a device. The key of the message is the sensor\'s id.","fields":[{"name":"name","type":"string","doc":"What people call the sensor."},{"name":"description","type":"string","doc":"What the sensor measures, in free text.","default":""},{"name":"device_id","type":"string","doc":"Key of the DeviceRegistration of the device that carries it."},{"name":"sensor_type_id","type":"string","doc":"Key of the SensorTypeRegistration that says what kind of sensor it is."}]}';

/** The schema of `TemperatureData` as it gets registered. */
export const temperatureDataSchema = '{"type":"record","name":"TemperatureData","namespace":"de.unistuttgart.ipvs.dds.avro","doc":"One temperature that one sensor measured.","fields":[{"name":"sensor_id","type":"string","doc":"Key of the SensorRegistration of the sensor."},{"name":"timestamp","type":"long","doc":"When it was measured, ms since the Unix epoch.","default":0},{"name":"temperature","type":"double","doc":"The temperature, in the given unit."},{"name":"unit","type":{"type":"enum","name":"TemperatureUnit","doc":"C: degrees Celsius, F: degrees Fahrenheit, K: kelvins.","symbols":["C","F","K"]},"doc":"Unit of the temperature."}]}';
