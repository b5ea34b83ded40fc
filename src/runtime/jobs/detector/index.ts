export { detectorTopology } from './detector-topology.ts';
export { defaultDetector, detectorOptions } from './options.ts';
export { describedDetector, type RunDetectorOptions, runDetector } from './run-detector.ts';
export { detectorTopics } from './topics.ts';
