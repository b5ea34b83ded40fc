export { HttpAnswer, HttpLines } from './http-api.ts';
export type { Job, JobRoute } from './job.ts';
export { type RunJobOptions, runJob } from './run-job.ts';
