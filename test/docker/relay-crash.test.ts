import { describe, it } from 'vitest';
import { startKafka, withoutKafka } from '../support/kafka-containers.ts';
import { RelayLab } from '../support/relay-lab.ts';
import { exactlyOnceUnderFire } from '../support/relay-under-fire.ts';

if (withoutKafka) process.stderr.write(`${withoutKafka}\n`);

describe.skipIf(withoutKafka !== null)('a relay between two Apache Kafkas', () => {
  it('shows readers of the target each record once and in order, whenever it is killed', async () => {
    await using source = await startKafka();
    await using target = await startKafka();
    await using lab = new RelayLab();
    const edge = await lab.siteAt('edge-1', [...source.brokers]);
    const central = await lab.siteAt('central', [...target.brokers]);
    await exactlyOnceUnderFire(lab, [edge, central]);
  }, 240_000);
});
