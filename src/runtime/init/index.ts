export { answersFileName } from './answers-file.ts';
export { type CreateProjectOptions, type CreateProjectResult, createProject } from './create-project.ts';
export { type InitTopologyOptions, type InitTopologyResult, initTopology } from './init-topology.ts';
export {
  type Answers,
  type Ask,
  choiceQuestions,
  nameQuestion,
  type Question,
  templateQuestion,
} from './questions.ts';
export type { Kind } from './template-schema.ts';
export { findTemplate, listTemplates, type Template } from './templates.ts';
export {
  findProject,
  type UpdateProjectResult,
  updateProject,
} from './update-project.ts';
