// Runs an emulator with a data file in a process of its own, so that a test can kill it; prints its address.
import { createEmulator } from '../../src/emulator/emulator.ts';
import { app } from './rig.ts';

const emulator = await createEmulator({ ...app, dataFile: process.argv[2] });
process.stdout.write(`${emulator.url}\n`);
