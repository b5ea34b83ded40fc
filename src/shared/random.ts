/** One step of splitmix32: spreads the bits of a seed, so that neighbouring seeds give unrelated streams. */
function splitmix32(state: number): number {
  let z = (state + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) | 0;
}

/**
 * A stream of random numbers that depends on nothing but its seed: xoshiro128** (Blackman and Vigna, 2018). The
 * further words (a sensor's number, what the draws are for) make streams of one seed independent of each other.
 */
export class Random {
  readonly #state = new Int32Array(4);

  /** @param seed a whole number from 0 to 2^53 - 1 */
  constructor(seed: number, ...stream: readonly number[]) {
    let hash = 0;
    for (const word of [seed, ...stream]) {
      hash = splitmix32(hash ^ (word | 0));
      hash = splitmix32(hash ^ Math.floor(word / 2 ** 32));
    }
    for (let i = 0; i < 4; i++) {
      hash = splitmix32(hash);
      this.#state[i] = hash;
    }
  }

  /** 32 random bits, unsigned. */
  next(): number {
    const state = this.#state;
    const s1 = state[1]!;
    const five = Math.imul(s1, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    state[2]! ^= state[0]!;
    state[3]! ^= s1;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= s1 << 9;
    const s3 = state[3]!;
    state[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** Uniform in [from, to), with 53 random bits. */
  uniform(from: number, to: number): number {
    const high = this.next() >>> 5;
    const low = this.next() >>> 6;
    return from + ((high * 2 ** 26 + low) / 2 ** 53) * (to - from);
  }

  /** A uniformly drawn order of the numbers 0 to n - 1 (Fisher and Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(this.uniform(0, i + 1));
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    return order;
  }
}
