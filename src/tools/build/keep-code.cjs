/** Loaded before everything else, in the process and in its threads: at the end of a thread it writes the code caches of the bundles loaded there. */
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const vm = require('node:vm');
const { parentPort, threadId, Worker } = require('node:worker_threads');

const kept = [];

vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    // Scripts of users' functions are no part of a bundle.
    if (options?.filename?.endsWith('.cjs')) kept.push({ script: this, path: options.filename });
  }
};

// A thread that is terminated has no end of its own, so it gets the time for one. One that has ended has no id.
Worker.prototype.terminate = function () {
  return new Promise((resolve) => {
    if (this.threadId < 0) resolve();
    else this.once('exit', resolve);
  });
};

// What a thread still has open must not hold it.
if (parentPort !== null) parentPort.close = () => process.exit();

process.on('exit', () => {
  for (const { script, path } of kept) {
    const { codeCachePath } = require(join(dirname(path), 'load-bundle.cjs'));
    const part = `${path}.${threadId}.part`;
    writeFileSync(part, script.createCachedData());
    renameSync(part, codeCachePath(path, readFileSync(path, 'latin1')));
  }
});
