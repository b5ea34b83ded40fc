import { z } from 'zod';

export const kinds = ['producer', 'consumer', 'stream', 'topology'] as const;
export type Kind = (typeof kinds)[number];

/** Flags that every `dds init` has; no question of a template may take their names. */
const reserved = new Set([
  ...['add-job', 'color', 'dry-run', 'force', 'git', 'help', 'install', 'json', 'list-templates', 'merge'],
  ...['name', 'package-manager', 'stack', 'template', 'yes'],
]);

const questionName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'expected lower-case words joined by dashes')
  .refine((name) => !reserved.has(name) && !name.startsWith('no-'), 'is a flag of dds init itself');

const question = z.strictObject({
  name: questionName,
  description: z.string().min(1),
  /** May name answers before it: `{{name}}-reversed`. Without one, it has to be answered. */
  default: z.string().optional(),
  /** A regular expression for the whole answer. */
  pattern: z.string().refine(isPattern, 'expected a regular expression').optional(),
  /** What the pattern takes, in words: "the name of a topic". */
  expects: z.string().optional(),
  choices: z.array(z.string().min(1)).min(1).optional(),
});

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const topic = z.strictObject({
  partitions: z.int().min(1).optional(),
  /** An .avsc file of the project, or a built-in record. */
  schema: z.string().optional(),
  configs: z.record(z.string(), scalar).optional(),
});

const job = z.strictObject({
  sites: z.union([z.string(), z.array(z.string()).min(1)]),
  command: z.array(z.string()).min(1),
  env: z.record(z.string(), scalar).optional(),
  /** Topics that it needs: added to dds.yaml where they are missing. */
  topics: z.record(z.string(), topic).optional(),
});

/** A template.yaml as its author writes it. docs/init.md describes it. */
export const templateFile = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected lower-case letters, digits and dashes'),
    kind: z.enum(kinds),
    description: z.string().min(1),
    /** A folder whose `files/` come first, seen from template.yaml; files of the same name here take their place. */
    base: z.string().min(1).optional(),
    questions: z.array(question).default([]),
    job: job.optional(),
    /** What to type once the job is in dds.yaml, beginning where that file is. */
    next: z.array(z.string().min(1)).default([]),
  })
  .superRefine(({ questions }, issues) => {
    for (const [at, { name }] of questions.entries()) {
      if (questions.findIndex((other) => other.name === name) < at)
        issues.addIssue({ code: 'custom', path: ['questions', at], message: `"${name}" is asked twice` });
    }
  });

export type TemplateFile = z.infer<typeof templateFile>;
export type TemplateJob = z.infer<typeof job>;
/** A question of a template. */
export type TemplateQuestion = z.infer<typeof question>;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) !== null;
  } catch {
    return false;
  }
}
