import { DdsCommand } from '../cli/command.ts';
import { formatTable } from '../cli/table.ts';
import type { ProtocolRow } from '../runtime/broker/protocol-matrix.ts';

export default class Protocol extends DdsCommand<ProtocolRow[]> {
  static override summary = 'Show which Kafka APIs and versions the embedded broker serves.';
  static override examples = ['<%= config.bin %> protocol', '<%= config.bin %> protocol --json'];

  protected override async execute(): Promise<ProtocolRow[]> {
    await this.parse(Protocol);
    const { protocolMatrix } = await import('../runtime/broker/protocol-matrix.ts');
    return protocolMatrix();
  }

  protected override render(rows: ProtocolRow[]): void {
    const cells = rows.map(({ key, name, minVersion, maxVersion, leftOut }) => [
      String(key),
      name,
      `${minVersion}–${maxVersion}`,
      leftOut,
    ]);
    const { paint } = this;
    void this.print(formatTable(['KEY', 'API', 'VERSIONS', 'LEFT OUT'], cells, { paint, right: [0] }));
  }
}
