/** Recorded readings in order of time, in columns: a row costs 25 bytes, whatever the file's size. */
export interface Recording {
  /** Ids in the order in which they appear in the file. */
  sensorIds: string[];
  count: number;
  /** Index into `sensorIds`. */
  sensor: Uint32Array;
  /** ms since the epoch, rising. */
  time: Float64Array;
  temperature: Float64Array;
  /** Index into `temperatureUnits`. */
  unit: Uint8Array;
}

export interface Reading {
  sensorId: string;
  timeMs: number;
  temperature: number;
  unit: number;
}

/** Collects readings in growing columns. */
export class RecordingBuilder {
  readonly #sensors = new Map<string, number>();
  #count = 0;
  #sensor = new Uint32Array(1024);
  #time = new Float64Array(1024);
  #temperature = new Float64Array(1024);
  #unit = new Uint8Array(1024);

  add({ sensorId, timeMs, temperature, unit }: Reading): void {
    let sensor = this.#sensors.get(sensorId);
    if (sensor === undefined) {
      sensor = this.#sensors.size;
      this.#sensors.set(sensorId, sensor);
    }
    if (this.#count === this.#time.length) this.#grow();
    this.#sensor[this.#count] = sensor;
    this.#time[this.#count] = timeMs;
    this.#temperature[this.#count] = temperature;
    this.#unit[this.#count] = unit;
    this.#count++;
  }

  /** The readings by time; those of one time stay in the file's order. */
  build(): Recording {
    const count = this.#count;
    const time = this.#time;
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    let sorted = true;
    for (let i = 1; i < count && sorted; i++) sorted = time[i - 1]! <= time[i]!;
    if (!sorted) order.sort((a, b) => time[a]! - time[b]! || a - b);
    return {
      sensorIds: [...this.#sensors.keys()],
      count,
      sensor: order.map((row) => this.#sensor[row]!),
      time: Float64Array.from(order, (row) => time[row]!),
      temperature: Float64Array.from(order, (row) => this.#temperature[row]!),
      unit: Uint8Array.from(order, (row) => this.#unit[row]!),
    };
  }

  #grow(): void {
    const size = this.#time.length * 2;
    this.#sensor = grown(this.#sensor, new Uint32Array(size));
    this.#time = grown(this.#time, new Float64Array(size));
    this.#temperature = grown(this.#temperature, new Float64Array(size));
    this.#unit = grown(this.#unit, new Uint8Array(size));
  }
}

function grown<Column extends Float64Array | Uint32Array | Uint8Array>(
  column: Column,
  larger: Column,
): Column {
  larger.set(column);
  return larger;
}
