import { testSeeds } from '../support/e2e/seeds/seeds.ts';

testSeeds('embedded');
