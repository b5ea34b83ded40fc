/** Joins its supervisor only when that one is gone, as a process that takes long to load. */
import { once } from 'node:events';
import { attachSupervisor } from '../../src/shared/supervised.ts';

if (process.connected) await once(process, 'disconnect');
attachSupervisor({ info: () => null, onOrphaned: () => process.stdout.write('orphaned') });
process.stdout.write('.');
