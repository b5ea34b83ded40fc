import { alterConfigs } from '../../protocol/index.ts';
import { answerResource, findResource, ResourceProblem } from './config-resources.ts';
import { handler } from './handler.ts';

/** AlterConfigs 0–2: replaces all values set on a topic or the broker; what is not named falls back to its default. */
export const alterConfigsHandler = handler(
  alterConfigs,
  ({ resources, validateOnly }, { broker, endpoint }) => ({
    responses: resources.map((resource) =>
      answerResource(broker, resource, () => {
        const target = findResource({ broker, endpoint }, resource);
        const values: Record<string, string> = {};
        for (const { name, value } of resource.configs) {
          const problem = target.problem(name, value);
          if (problem) throw new ResourceProblem('INVALID_CONFIG', problem);
          values[name] = value!;
        }
        if (!validateOnly) target.set(values);
      }),
    ),
  }),
);
