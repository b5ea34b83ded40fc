import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import { topologyFileName, topologyOf } from '../topology/index.ts';
import type { TemplateJob } from './template-schema.ts';
import { addEntry } from './yaml-entries.ts';

/** The dds.yaml of a directory or of the nearest one above it. */
export function findTopologyFile(directory: string): string | null {
  const file = join(directory, topologyFileName);
  if (existsSync(file)) return file;
  const parent = dirname(directory);
  return parent === directory ? null : findTopologyFile(parent);
}

export interface JobChange {
  /** Absolute path of the dds.yaml. */
  file: string;
  name: string;
  /** Those that the file did not have. */
  topics: string[];
}

export interface AddJobOptions {
  /** Absolute path; it need not be there yet when `text` is given. */
  file: string;
  text?: string;
  name: string;
  job: TemplateJob;
  /** Absolute path of the project. */
  directory: string;
  /** Where the user stands: messages name the file from there. */
  cwd: string;
}

/**
 * A dds.yaml with a job more and the topics that it needs; nothing is written. Throws DDS_USAGE when the name is taken,
 * DDS_TOPOLOGY_INVALID when the file is wrong, or would be with the job.
 */
export async function addJob(options: AddJobOptions): Promise<JobChange & { text: string }> {
  const { file, name, directory, job, cwd } = options;
  const text = options.text ?? (await readFile(file, 'utf8'));
  const shown = relative(cwd, file);
  const { jobs, sites } = await topologyOf(text, file, { cwd });
  if (jobs.some((other) => other.name === name)) {
    throw new DdsError('DDS_USAGE', `${shown} has a job "${name}" already`, {
      hint: 'Take another --name, or leave dds.yaml as it is with --no-add-job.',
    });
  }
  const from = (path: string) => relative(dirname(file), path).split(sep).join('/');
  const place = from(directory);
  const { topics: needed = {}, ...entry } = { ...job, ...(place && { cwd: place }) };
  const known = new Set(sites.flatMap((site) => site.topics.map((topic) => topic.name)));
  const topics = Object.entries(needed).filter(([topic]) => !known.has(topic));
  const withTopics = (schemas: boolean) =>
    topics.reduce(
      (changed, [topic, { partitions, schema, configs }]) => {
        const path = schema?.endsWith('.avsc') ? from(join(directory, schema)) : schema;
        const value = {
          partitions: partitions ?? 1,
          ...(schemas && path && { schema: path }),
          ...(configs && { configs }),
        };
        return addEntry(changed, { section: 'topics', name: topic, value });
      },
      addEntry(text, { section: 'jobs', name, value: entry }),
    );
  // The schemas are files of a project that is not there yet.
  await topologyOf(withTopics(false), file, { cwd });
  return { file, name, topics: topics.map(([topic]) => topic), text: withTopics(true) };
}
