import { testSeeds } from '../support/e2e/seeds/seeds.ts';
import { dockerWorkspace } from './docker.ts';

testSeeds('docker', dockerWorkspace);
