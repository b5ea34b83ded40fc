import { DdsError } from '../../../../errors/index.ts';
import { kafkaErrorName, metadata, saslHandshake } from '../../../protocol/index.ts';
import type { Cluster } from '../cluster.ts';

/**
 * A broker that wants SASL tells its API versions to anybody, and closes the connection at any other request. Finds out
 * before work begins. Throws DDS_AUTHENTICATION.
 */
export async function refuseMissingSasl(cluster: Cluster): Promise<void> {
  if (cluster.settings.sasl) return;
  const connection = await cluster.any();
  try {
    await connection.request(metadata, { topics: [] });
  } catch (error) {
    const again = await cluster.any();
    if (!again.supports(saslHandshake, 1)) throw error;
    const { errorCode, mechanisms } = await again.request(saslHandshake, { mechanism: 'NONE' });
    again.close();
    if (kafkaErrorName(errorCode) !== 'UNSUPPORTED_SASL_MECHANISM') throw error;
    throw new DdsError('DDS_AUTHENTICATION', `broker ${again.address} wants SASL, and none is set`, {
      hint: `Add sasl to the settings of the site; it offers ${mechanisms.join(', ')}.`,
      ...{ cause: error, details: { mechanisms } },
    });
  }
}
