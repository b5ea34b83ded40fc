import { InitCommand } from '../../cli/init-command.ts';
import { projectFlags, projectOwnFlags } from '../../cli/init-flags.ts';
import { listTemplates } from '../../runtime/init/index.ts';

export default class InitConsumer extends InitCommand {
  static override summary = 'Write a project that reads records of a topic.';
  static override description =
    'TypeScript with tests, a Dockerfile and CI; it commits by hand, and puts aside what it cannot work on. In a directory with a dds.yaml, or below one, ' +
    'the job is added there, and dds up runs it; elsewhere the project gets a dds.yaml of its own. What is not said by ' +
    'flags is asked on a terminal. The whole choice is printed as a command.';
  static override examples = ['<%= config.bin %> <%= command.id %> --list-templates'];
  static override flags = { ...projectFlags('consumer', listTemplates('consumer')), ...projectOwnFlags };

  protected override execute() {
    return this.create('consumer');
  }
}
