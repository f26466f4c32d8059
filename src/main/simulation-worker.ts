import { simulateSeeds } from './simulate-seeds.ts';

/** What a process of `npm run test:sim` runs: seeds `first`, `first + stride` …, `count` of them, of so many virtual seconds of faults each. */
const [first = 0, count = 0, stride = 1, faultSeconds = 0] = process.argv.slice(2).map(Number);
const seeds = Array.from({ length: count }, (_, index) => first + index * stride);
const { totals } = await simulateSeeds(seeds, { faultSeconds });
const { user, system } = process.cpuUsage();
process.send!({ sums: totals.sums, faults: totals.faults, cpuSeconds: (user + system) / 1e6 });
process.disconnect();
