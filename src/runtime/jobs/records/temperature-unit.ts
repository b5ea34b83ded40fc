/** Units of a temperature, as TemperatureData writes them. */
export const temperatureUnits = ['C', 'F', 'K'] as const;
export type TemperatureUnit = (typeof temperatureUnits)[number];

const zeroCelsiusInKelvin = 273.15;

const toCelsius: Readonly<Record<TemperatureUnit, (value: number) => number>> = {
  C: (value) => value,
  F: (value) => ((value - 32) * 5) / 9,
  K: (value) => value - zeroCelsiusInKelvin,
};

const fromCelsius: Readonly<Record<TemperatureUnit, (value: number) => number>> = {
  C: (value) => value,
  F: (value) => (value * 9) / 5 + 32,
  K: (value) => value + zeroCelsiusInKelvin,
};

/** The same temperature in another unit. What is in the unit already stays as it is, to the last bit. */
export function convertTemperature(value: number, from: TemperatureUnit, to: TemperatureUnit): number {
  return from === to ? value : fromCelsius[to](toCelsius[from](value));
}
