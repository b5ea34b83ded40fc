import {
  CONFIG_OPERATION_APPEND,
  CONFIG_OPERATION_DELETE,
  CONFIG_OPERATION_SET,
  CONFIG_OPERATION_SUBTRACT,
  incrementalAlterConfigs,
} from '../../protocol/index.ts';
import { answerResource, type ConfigResource, findResource, ResourceProblem } from './config-resources.ts';
import { handler } from './handler.ts';

/** IncrementalAlterConfigs 0–1 (KIP-339): set, delete, and append to or subtract from a list. */
export const incrementalAlterConfigsHandler = handler(
  incrementalAlterConfigs,
  ({ resources, validateOnly }, { broker, endpoint }) => ({
    responses: resources.map((resource) =>
      answerResource(broker, resource, () => {
        const target = findResource({ broker, endpoint }, resource);
        refuseMalformed(resource.configs);
        const values = { ...target.own() };
        for (const { name, configOperation, value } of resource.configs) {
          const changed = valueAfter(target, name, configOperation, value);
          if (changed === null) delete values[name];
          else values[name] = changed;
        }
        if (!validateOnly) target.set(values);
      }),
    ),
  }),
);

interface Change {
  name: string;
  configOperation: number;
  value: string | null;
}

function refuseMalformed(changes: readonly Change[]): void {
  const names = changes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ResourceProblem('INVALID_REQUEST', `${twice} is in the request twice.`);
  const empty = changes.find(
    (change) => change.configOperation !== CONFIG_OPERATION_DELETE && change.value === null,
  );
  if (empty) throw new ResourceProblem('INVALID_REQUEST', `${empty.name} has no value.`);
}

/** The value after one operation; null when the default shall be in force again. */
function valueAfter(
  target: ConfigResource,
  name: string,
  operation: number,
  value: string | null,
): string | null {
  const current = target.current(name);
  if (current === undefined) throw new ResourceProblem('INVALID_CONFIG', `Unknown config name: ${name}`);
  if (operation === CONFIG_OPERATION_DELETE) return null;
  if (isListOperation(operation) && !target.isList(name))
    throw new ResourceProblem('INVALID_CONFIG', `${name} is no list.`);
  const changed = operation === CONFIG_OPERATION_SET ? value : listAfter(current, operation, value ?? '');
  const problem = target.problem(name, changed);
  if (problem) throw new ResourceProblem('INVALID_CONFIG', problem);
  return changed;
}

const isListOperation = (operation: number): boolean =>
  operation === CONFIG_OPERATION_APPEND || operation === CONFIG_OPERATION_SUBTRACT;

function listAfter(current: string, operation: number, value: string): string {
  const items = current.split(',').filter((item) => item !== '');
  const changed = value.split(',');
  if (operation === CONFIG_OPERATION_APPEND) return [...new Set([...items, ...changed])].join(',');
  if (operation === CONFIG_OPERATION_SUBTRACT)
    return items.filter((item) => !changed.includes(item)).join(',');
  throw new ResourceProblem('INVALID_REQUEST', `Unknown config operation ${operation}`);
}
