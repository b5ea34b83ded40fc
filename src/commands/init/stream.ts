import { InitCommand } from '../../cli/init-command.ts';
import { projectFlags, projectOwnFlags } from '../../cli/init-flags.ts';
import { listTemplates } from '../../runtime/init/index.ts';

export default class InitStream extends InitCommand {
  static override summary = 'Write a project with a stream job.';
  static override description =
    'TypeScript on dds-lab/streams, with tests that need no Kafka, a Dockerfile and CI. In a directory with a dds.yaml, or below one, ' +
    'the job is added there, and dds up runs it; elsewhere the project gets a dds.yaml of its own. What is not said by ' +
    'flags is asked on a terminal. The whole choice is printed as a command.';
  static override examples = ['<%= config.bin %> <%= command.id %> my-job --template reverse --no-install'];
  static override flags = { ...projectFlags('stream', listTemplates('stream')), ...projectOwnFlags };

  protected override execute() {
    return this.create('stream');
  }
}
